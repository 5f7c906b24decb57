# Verifies one webhook as a province would in Python: headers and secret as JSON on the standard input, the body in a file.
import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

asked = json.load(sys.stdin)
body = open(asked["body"], "rb").read()
try:
    Webhook(asked["secret"]).verify(body, asked["headers"])
    print("good")
except WebhookVerificationError:
    print("bad")
