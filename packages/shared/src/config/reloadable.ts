/**
 * Keys that count at once after a change; all others count from the next start. `*` stands for one name. Only what is
 * read at its use can be here: what was opened, sized or registered at the start keeps what it was given.
 */
export const RELOADABLE = [
  'plane.poll_interval',
  'plane.poll_interval_relaxed',
  'plane.close_on_unassign',
  'plane.completed_state',
  'plane.lost_answer_wait',
  'tmux_session_service.recording_mb',
  'tmux_session_service.recordings_total_mb',
  'tmux_session_service.recording_days',
  'triggers.*',
  'filters.*',
  'auto_approve.*',
  'limits.*',
  'projects.*.*',
  'automation.repo_path',
  'automation.base_branch',
  'automation.branch_prefix',
  'automation.branch_url',
  'automation.claude_bin',
  'automation.agent_command',
  'automation.agent_env',
  'automation.permission_mode',
  'automation.model',
  'automation.allowed_tools',
  'automation.mcp_servers',
  'automation.hooks',
  'automation.prompt_template',
  'automation.worktree',
  'automation.setup_command',
  'automation.teardown_command',
  'automation.command_timeout',
  'automation.keep_minutes',
  'automation.start_timeout',
  'automation.accept_timeout',
  'automation.silent_after',
  'automation.stop_grace',
  'automation.clean_after_days',
  'runner.min_free_memory_mb',
  'runner.min_free_disk_mb',
  'runner.max_load',
  'api.test_endpoint',
  'logging.level',
  'logging.file_level',
] as const;

/** What the patterns above let through and yet decides which queues a session-worker listens to. */
const NOT = ['projects.*.pool', 'projects.*.runner_labels'] as const;

const matches = (patterns: readonly string[], path: readonly string[]): boolean =>
  patterns.some((pattern) => {
    const parts = pattern.split('.');
    return parts.length === path.length && parts.every((part, i) => part === '*' || part === path[i]);
  });

export const isReloadable = (path: readonly string[]): boolean => matches(RELOADABLE, path) && !matches(NOT, path);
