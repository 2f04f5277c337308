#!/usr/bin/env python3
"""Speaks as a Whisper service with OpenAI's protocol does, and hears the same in every recording."""
import json
import re
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    def say(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        self.say(200 if self.path == "/health" else 404, {"status": "ok"})

    def do_POST(self):
        body = self.body()
        if self.path != "/v1/audio/transcriptions":
            return self.say(404, {"detail": "Not Found"})
        if not re.search(rb'name="file"; filename=', body):
            return self.say(422, {"detail": "Field required"})
        self.say(200, {"text": "Please round half cents up."})

    def body(self):
        if self.headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)


signal.signal(signal.SIGTERM, lambda *_: exit(0))
ThreadingHTTPServer(("0.0.0.0", 8000), Handler).serve_forever()
