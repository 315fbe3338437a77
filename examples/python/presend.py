"""presend from Python 3.9 or newer, with the standard library only.

    PRESEND_URL=http://127.0.0.1:8787 PRESEND_KEY=sk_… python3 presend.py jane@gmial.com
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import sys
import time
import urllib.request

BATCH = 1000  # addresses per request


class Presend:
    def __init__(self, url, key, timeout=3.0):
        self.url = url.rstrip("/")
        self.key = key
        self.timeout = timeout

    def validate(self, email, purpose="signup"):
        """Returns the verdict on one address. Raises OSError if presend does not answer."""
        return self._post("/v1/validate", {"email": email, "purpose": purpose})

    def validate_batch(self, emails, purpose="marketing"):
        """Returns one verdict per address, in order. Raises OSError if presend does not answer."""
        verdicts = []
        for start in range(0, len(emails), BATCH):
            body = {"emails": emails[start : start + BATCH], "purpose": purpose}
            verdicts += self._post("/v1/validate/batch", body, timeout=30)["results"]
        return verdicts

    def _post(self, path, body, timeout=None):
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout or self.timeout) as response:
                return json.load(response)
        except (ValueError, http.client.HTTPException) as error:
            # The page of a proxy, or an answer that breaks off.
            raise OSError(f"no verdict: {error}") from error


def objection(presend, email, confirmed=False):
    """Returns what a sign-up form tells the person about the address, or None to take it.

    `confirmed`: the person was asked about this address before, and sent it again.
    """
    try:
        verdict = presend.validate(email)
    except OSError as error:
        # A sign-up does not depend on presend.
        print(f"presend: {error}", file=sys.stderr)
        return None
    # The form must not tell strangers who is on the suppression list: take the address, and send no mail.
    if verdict["reason"] == "suppressed":
        return None
    if verdict["action"] == "reject":
        return "We cannot send mail to this address."
    if verdict["disposable"]:
        return "Please enter an address that you will keep."
    if verdict["action"] == "confirm" and not confirmed:
        suggestion = verdict["did_you_mean"]
        return f"Did you mean {suggestion}?" if suggestion else "Is this address right?"
    return None


def verify_webhook(headers, body, secret, tolerance=300):
    """Returns the event in `body` (bytes), or None if presend did not sign it within `tolerance` seconds.

    Raises ValueError without a secret: with an empty one, anybody could sign.
    """
    key = _key_of(secret)
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > tolerance:
        return None
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers.get("webhook-signature", "").encode().split()
    if not any(hmac.compare_digest(signature, expected.encode()) for signature in given):
        return None
    return json.loads(body)


def _key_of(secret):
    try:
        encoded = secret.removeprefix("whsec_")
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except ValueError:
        key = b""
    if not secret.startswith("whsec_") or len(key) < 24:
        raise ValueError("The secret must be CALLBACK_SECRET, whsec_…")
    return key


if __name__ == "__main__":
    client = Presend(os.environ["PRESEND_URL"], os.environ["PRESEND_KEY"])
    for verdict in client.validate_batch(sys.argv[1:]):
        print(verdict["email"], verdict["result"], verdict["reason"], verdict["did_you_mean"] or "")
