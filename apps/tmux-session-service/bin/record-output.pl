# Keeps what a pane prints: reads stdin (tmux's pipe-pane) and appends it to segment files.
#   perl record-output.pl FOLDER SEGMENT_BYTES TOTAL_BYTES
# Leaves in FOLDER:
#   <offset>.out   bytes of the pane; the name is the offset of its first byte since the session began, 15 digits
#   <offset>.idx   when they came: lines "<offset> <unix ms>", one for all that came within 20 ms
#   writer         our process id and its namespace; while we sleep, all that tmux gave us is in the files
#   end            the offset after the last byte, once the pane is gone
# It outlives the service, so it is no part of it. A pane is never held up: on a full disk bytes are read and lost,
# which shows as a gap between two segments. Perl, because it is nearly everywhere and takes 1 MB where Node takes 40.
use strict;
use warnings;
use Time::HiRes ();

my ($folder, $segment_bytes, $total_bytes) = @ARGV;
my $READ_BYTES = 65_536;    # what a pipe holds
my $INDEX_MS   = 20;        # finer cannot be seen when it is played
my $RETRY_MS   = 1_000;     # after a write that failed
umask 0077;
# tmux signals whole process groups when it goes; the end of the input is our end
$SIG{$_} = 'IGNORE' for qw(HUP INT QUIT PIPE XFSZ);

my $offset = 0;             # of the next byte
my ($out, $idx, $size, $indexed_ms, $retry_ms) = (undef, undef, 0, 0, 0);
my @kept;                   # [name, bytes] of closed segments, oldest first
my ($name, $kept_bytes) = ('', 0);

sub now_ms { return int(Time::HiRes::time() * 1000) }

# How many bytes could be written: fewer than given on a full disk.
sub put {
    my ($handle, $text) = @_;
    my $done = 0;
    while ($done < length $text) {
        my $written = syswrite($handle, $text, length($text) - $done, $done);
        if (!defined $written) { next if $!{EINTR}; last }
        $done += $written;
    }
    return $done;
}

sub close_segment {
    return if !$out;
    close $out;
    close $idx;
    undef $out;
    if ($size == 0) { unlink "$folder/$name.out", "$folder/$name.idx" }
    else            { push @kept, [$name, $size]; $kept_bytes += $size }
    while (@kept && $kept_bytes + $segment_bytes > $total_bytes) {
        my $oldest = shift @kept;
        unlink "$folder/$oldest->[0].out", "$folder/$oldest->[0].idx";
        $kept_bytes -= $oldest->[1];
    }
}

sub open_segment {
    $name = sprintf '%015d', $offset;
    ($size, $indexed_ms) = (0, 0);
    open($idx, '>', "$folder/$name.idx") or return;
    if (!open($out, '>', "$folder/$name.out")) { undef $out; unlink "$folder/$name.idx"; return }
}

sub keep {
    my ($bytes) = @_;
    my $now = now_ms();
    my $is_due = $out || $now >= $retry_ms;
    open_segment() if !$out && $is_due;
    my $done = 0;
    if ($out) {
        $done = put($out, $bytes);    # before its time: somebody waits to see it
        $size += $done;
        if ($now - $indexed_ms >= $INDEX_MS) {
            $size += put($idx, "$offset $now\n");
            $indexed_ms = $now;
        }
    }
    $offset += $done;
    if ($is_due && $done < length $bytes) { $retry_ms = $now + $RETRY_MS; close_segment() }
    elsif ($size >= $segment_bytes) { close_segment() }
    $offset += length($bytes) - $done;
}

sub leave {
    my ($file, $text) = @_;
    open(my $handle, '>', "$folder/$file.tmp") or return;
    put($handle, "$text\n");
    close $handle;
    rename "$folder/$file.tmp", "$folder/$file";
}

# a number means something only among the processes that share it
leave('writer', $$ . ' ' . (readlink('/proc/self/ns/pid') // ''));
while (1) {
    my $count = sysread(STDIN, my $bytes, $READ_BYTES);
    if (!defined $count) { next if $!{EINTR}; last }
    last if $count == 0;
    keep($bytes);
}
close_segment();
leave('end', $offset);
