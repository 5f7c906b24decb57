"""pyasice packs and signs an ASiC-E container in a folder that holds holder.{key,pem}; and Python packs hostile ZIP archives."""

import io
import re
import sys
import warnings
import zipfile
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

# oscrypto 1.3.0 looks for OpenSSL's version with one digit at its end, and 3.0.20 has two.
_search = re.search
_wrong, _right = r"\b(\d\.\d\.\d[a-z]*)\b", r"\b(\d\.\d\.\d+[a-z]*)\b"
re.search = lambda pattern, text, *more: _search(_right if pattern == _wrong else pattern, text, *more)
from pyasice import Container  # noqa: E402

re.search = _search

HERE = Path(sys.argv[1])
MIMETYPE = b"application/vnd.etsi.asic-e+zip"


def signed():
    key = load_pem_private_key((HERE / "holder.key").read_bytes(), None)
    certificate = load_pem_x509_certificate((HERE / "holder.pem").read_bytes()).public_bytes(Encoding.DER)
    container = Container()
    container.add_file("giay phep.txt", b"so 17\n", "text/plain")
    container.add_file("Quyết định.pdf", b"%PDF-", "application/pdf")
    signature = container.prepare_signature(certificate)
    signature.set_signature_value(fixed_width(signature.digest(), key))
    signature.verify()
    container.add_signature(signature)
    return container.finalize().getvalue()


def fixed_width(digest, key):
    """r and s in 32 bytes each. pyasice takes one that begins with the tag of a SEQUENCE for DER, and its own verifier then refuses it."""
    while True:
        r, s = utils.decode_dss_signature(key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256()))))
        value = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if value[0] != 0x30:
            return value


def repacked(original, change):
    """The same entries, with what `change` does to the list of them."""
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        entries = [(info, archive.read(info)) for info in archive.infolist()]
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, octets in change([(info.filename, octets) for info, octets in entries]):
            kind = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, octets, kind)
    return out.getvalue()


def main():
    original = signed()
    made = {
        "pyasice": original,
        "added": repacked(original, lambda all: all + [("them.txt", b"not signed")]),
        "exchanged": repacked(original, lambda all: [(n, b"so 71\n" if n.endswith("txt") else o) for n, o in all]),
        "dropped": repacked(original, lambda all: [(n, o) for n, o in all if not n.endswith("txt")]),
        "late": repacked(original, lambda all: all[1:] + all[:1]),
        "twice": repacked(original, lambda all: all + [("giay phep.txt", b"so 71\n")]),
        "case": repacked(original, lambda all: all + [("GIAY PHEP.txt", b"so 71\n")]),
        "accents": repacked(original, lambda all: all + [("Quye\u0302\u0301t \u0111i\u0323nh.pdf", b"x")]),
        "up": repacked(original, lambda all: all + [("../x", b"x")]),
        "root": repacked(original, lambda all: all + [("/x", b"x")]),
        "slash": repacked(original, lambda all: all + [("a\\x", b"x")]),
        "bomb": repacked(original, lambda all: all + [("big", b"\0" * (40 << 20))]),
        "many": repacked(original, lambda all: all + [(f"f{n}", b"") for n in range(1100)]),
        "other": repacked(original, lambda all: [("mimetype", b"application/zip")] + all[1:]),
    }
    for name, octets in made.items():
        (HERE / f"{name}.asice").write_bytes(octets)


main()
