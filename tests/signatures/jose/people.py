"""Verifies what the gateway signed, and signs for the gateway to verify: JSON in, JSON out."""

import base64
import datetime
import json
import sys
from http.client import HTTPMessage

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from jwcrypto import jwk, jws

NAMED = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "HS256"]
HTTP = {
    "PS512": algorithms.RSA_PSS_SHA512,
    "RS256": algorithms.RSA_V1_5_SHA256,
    "ES256": algorithms.ECDSA_P256_SHA256,
    "ES384": algorithms.ECDSA_P384_SHA384,
    "EdDSA": algorithms.ED25519,
    "HS256": algorithms.HMAC_SHA256,
}
SECRET = bytes(range(64))


def fresh(alg):
    if alg.startswith(("RS", "PS")):
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    if alg.startswith("ES"):
        return ec.generate_private_key({"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1()}[alg])
    return ed25519.Ed25519PrivateKey.generate()


def pem(key):
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def private(key):
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def verify_tokens(ours, payload):
    """Each token verifies, and the plain one does not over another payload."""
    verified = 0
    for one in ours:
        key = jwk.JWK.from_pem(one["pem"].encode())
        for form in ("compact", "plain", "encoded"):
            token = jws.JWS()
            token.allowed_algs = NAMED
            token.deserialize(one[form])
            detached = None if form == "compact" else payload
            token.verify(key, detached_payload=detached)
            assert detached is not None or token.payload == payload
            assert json.loads(token.objects["protected"])["alg"] == one["alg"]
            verified += 1
        token = jws.JWS()
        token.allowed_algs = NAMED
        token.deserialize(one["plain"])
        try:
            token.verify(key, detached_payload=payload + b" ")
        except jws.InvalidJWSSignature:
            verified += 1
    return verified


def token(key, alg, payload, **more):
    made = jws.JWS(payload)
    made.allowed_algs = NAMED
    made.add_signature(key, alg, json.dumps({"alg": alg, **more}), json.dumps({"kid": "theirs"}))
    return made


def sign_tokens(payload):
    made = []
    for alg in NAMED:
        if alg == "HS256":
            key = jwk.JWK(kty="oct", k=base64.urlsafe_b64encode(SECRET).decode().rstrip("="))
            one = {"alg": alg, "secret": key["k"]}
        else:
            secret = fresh(alg)
            key = jwk.JWK.from_pem(private(secret))
            one = {"alg": alg, "pem": pem(secret)}
        whole = jws.JWS(payload)
        whole.allowed_algs = NAMED
        whole.add_signature(key, alg, json.dumps({"alg": alg}))
        one["compact"] = whole.serialize(compact=True)
        one["flattened"] = token(key, alg, payload).serialize()
        both = token(key, alg, payload)
        both.add_signature(jwk.JWK.generate(kty="EC", crv="P-256"), "ES256", json.dumps({"alg": "ES256"}))
        one["general"] = both.serialize()
        # As text: bytes they can sign plain, but not write as JSON.
        plain = jws.JWS(payload.decode())
        plain.allowed_algs = NAMED
        plain.add_signature(key, alg, json.dumps({"alg": alg, "b64": False, "crit": ["b64"]}))
        one["plain_flattened"] = plain.serialize()
        plain.detach_payload()
        one["plain"] = plain.serialize(compact=True)
        made.append(one)
    return made


class Message:
    """A request, or an answer to one, as http-message-signatures wants it."""

    def __init__(self, written):
        self.headers = HTTPMessage()
        for name, value in written["headers"]:
            self.headers[name] = value
        if written.get("status") is None:
            self.method, self.url = written["method"], written["target"]
        else:
            self.status_code = written["status"]
            self.request = Message(written["request"])

    def write(self, body, request=None):
        written = {"headers": list(self.headers.items()), "body": body}
        if request is None:
            return {**written, "method": self.method, "target": self.url}
        return {**written, "status": self.status_code, "request": request}


class Keys(HTTPSignatureKeyResolver):
    def __init__(self, key):
        self.key = key

    def resolve_public_key(self, key_id):
        return self.key

    def resolve_private_key(self, key_id):
        return self.key


def verify_messages(ours):
    """Each message verifies with its body, and not with another method or status."""
    verified = 0
    for one in ours:
        if one["alg"] == "HS256":
            key = base64.b64decode(one["secret"])
        else:
            key = serialization.load_pem_public_key(one["pem"].encode())
        verifier = HTTPMessageVerifier(signature_algorithm=HTTP[one["alg"]], key_resolver=Keys(key))
        for written in one["messages"]:
            message = Message(written)
            results = verifier.verify(message, max_age=None, expect_tag='hue "1"', body=written["body"].encode())
            assert [result.nonce for result in results] == ["n\\1"]
            verified += 1
            if written.get("status") is None:
                message.method = "PUT"
            else:
                message.status_code = 200
            try:
                verifier.verify(message, max_age=None, expect_tag='hue "1"')
            except InvalidSignature:
                verified += 1
    return verified


def sign_messages(request, of_requests, of_answers):
    made = []
    created = datetime.datetime.fromtimestamp(1767225600, datetime.timezone.utc)
    for alg, algorithm in HTTP.items():
        secret = SECRET if alg == "HS256" else fresh(alg)
        one = {"alg": alg}
        if alg == "HS256":
            one["secret"] = base64.b64encode(SECRET).decode()
        else:
            one["pem"] = pem(secret)
        signer = HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=Keys(secret))
        terms = {
            "key_id": "theirs",
            "created": created,
            "expires": created + datetime.timedelta(seconds=300),
            "nonce": 'a "nonce"',
            "label": "sig",
            "tag": "theirs",
        }
        message = Message(request)
        body = request["body"].encode()
        signer.sign(message, covered_component_ids=of_requests, body=body, use_existing_digest=True, **terms)
        asked = message.write(request["body"])
        answer = Message({"status": 202, "headers": [["Content-Type", "text/plain"]], "request": asked})
        components = [text for text in of_answers if text != '"content-digest"']
        signer.sign(answer, covered_component_ids=components, body=b"accepted", **terms)
        one["messages"] = [asked, answer.write("accepted", asked)]
        made.append(one)
    return made


def main():
    asked = json.load(sys.stdin)
    told = {}
    if "jws" in asked:
        payload = asked["payload"].encode()
        told = {"verified": verify_tokens(asked["jws"], payload), "jws": sign_tokens(payload)}
    else:
        made = sign_messages(asked["request"], asked["of_requests"], asked["of_answers"])
        told = {"verified": verify_messages(asked["http"]), "http": made}
    json.dump(told, sys.stdout)


main()
