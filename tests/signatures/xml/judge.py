"""Other people's programs, asked one thing at a time: a list of cases comes in as JSON, a list of answers goes out."""

import base64
import json
import sys
import traceback

from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"


def _signxml_verify(case):
    import signxml
    from signxml import SignatureConfiguration, SignatureMethod, XMLVerifier
    from signxml.xades import XAdESVerifier

    allowed = frozenset(SignatureMethod)
    config = SignatureConfiguration(
        signature_methods=allowed, expect_references=case["references"], require_x509=True, location=".//"
    )
    verifier = XAdESVerifier() if case.get("xades") else XMLVerifier()
    resolver = None
    if case.get("files"):
        files = {name: base64.b64decode(value) for name, value in case["files"].items()}
        resolver = files.__getitem__
    results = verifier.verify(
        case["document"].encode(),
        x509_cert=case["certificate"],
        uri_resolver=resolver,
        id_attribute="Id",
        expect_config=config,
    )
    results = results if isinstance(results, list) else [results]
    assert all(isinstance(one.signed_data, bytes) for one in results), results
    return "good"


def _signxml_sign(case):
    from signxml import CanonicalizationMethod, SignatureConstructionMethod, XMLSigner
    from signxml.xades import XAdESSigner

    kind = XAdESSigner if case.get("xades") else XMLSigner
    signer = kind(
        method=SignatureConstructionMethod[case["method"]],
        signature_algorithm=case["algorithm"],
        digest_algorithm=case["digest"],
        c14n_algorithm=CanonicalizationMethod(case["canonical"]),
    )
    signed = signer.sign(
        etree.fromstring(case["document"].encode()),
        key=case["key"],
        cert=case["certificate"],
        reference_uri=case.get("uri"),
        id_attribute="Id",
    )
    return etree.tostring(signed).decode()


def _libxmlsec_verify(case):
    import xmlsec

    tree = etree.fromstring(case["document"].encode())
    xmlsec.tree.add_ids(tree, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(case["certificate"], xmlsec.KeyFormat.CERT_PEM, None)
    context.verify(next(tree.iter(DS + "Signature")))
    return "good"


def _libxmlsec_sign(case):
    import xmlsec

    tree = etree.fromstring(case["document"].encode())
    xmlsec.tree.add_ids(tree, ["Id"])
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_memory(case["key"], xmlsec.KeyFormat.PEM, None)
    context.key.load_cert_from_memory(case["certificate"], xmlsec.KeyFormat.PEM)
    context.sign(next(tree.iter(DS + "Signature")))
    # What stands beside the root element is signed too.
    return etree.tostring(tree.getroottree()).decode()


def _canonical(case):
    """Canonical XML by libxml2, of the whole document."""
    from io import BytesIO

    out = BytesIO()
    options = {"exclusive": case["exclusive"], "with_comments": case["comments"]}
    if case["prefixes"]:
        options["inclusive_ns_prefixes"] = case["prefixes"]
    etree.ElementTree(etree.fromstring(case["document"].encode())).write_c14n(out, **options)
    return out.getvalue().decode()


def _by_hand(case):
    """What no program here knows: the value over `SignedInfo` by libxml2 and `cryptography`, the reference likewise."""
    import hashlib
    from io import BytesIO

    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    tree = etree.ElementTree(etree.fromstring(case["document"].encode()))
    signature = next(tree.iter(DS + "Signature"))

    def written(node):
        out = BytesIO()
        etree.ElementTree(node).write_c14n(out, exclusive=True, with_comments=False)
        return out.getvalue()

    value = base64.b64decode(signature.findtext(DS + "SignatureValue"))
    key = load_pem_public_key(case["public"].encode())
    key.verify(value, written(signature.find(DS + "SignedInfo")))
    digest = base64.b64decode(signature.findtext(f".//{DS}DigestValue"))
    signature.getparent().remove(signature)
    out = BytesIO()
    tree.write_c14n(out, exclusive=True, with_comments=False)
    assert hashlib.sha256(out.getvalue()).digest() == digest
    return "good"


ASKED = {
    "signxml-verify": _signxml_verify,
    "signxml-sign": _signxml_sign,
    "libxmlsec-verify": _libxmlsec_verify,
    "libxmlsec-sign": _libxmlsec_sign,
    "canonical": _canonical,
    "by-hand": _by_hand,
}


def answer(ask, case):
    try:
        return {"answer": ask(case)}
    except Exception as error:  # what went wrong is the answer
        return {"error": f"{type(error).__name__}: {error}", "where": traceback.format_exc()}


if __name__ == "__main__":
    json.dump([answer(ASKED[sys.argv[1]], case) for case in json.load(sys.stdin)], sys.stdout)
