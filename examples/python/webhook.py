"""Receives presend's webhooks.

    PRESEND_WEBHOOK_SECRET=whsec_… PORT=3000 python3 webhook.py
"""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from presend import verify_webhook


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        event = verify_webhook(self.headers, body, os.environ["PRESEND_WEBHOOK_SECRET"])
        self.send_response(401 if event is None else 204)
        self.end_headers()
        # presend may send a message twice: remember the header webhook-id for some days.
        if event is not None:
            print(event["type"], event["data"], flush=True)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", 3000))), Webhook)
    print(f"listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
