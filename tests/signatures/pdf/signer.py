"""pyHanko writes signed PDFs of every kind into a folder that holds holder.{key,pem}, sub.pem, root.pem and tsa.{key,pem}."""

import sys
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path

from pyhanko.keys import load_cert_from_pemder, load_private_key_from_pemder
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

HERE = Path(sys.argv[1])
STAMPED_AT = datetime(2026, 3, 5, 8, 9, 10, tzinfo=timezone.utc)


def certificates(*names):
    store = SimpleCertificateStore()
    store.register_multiple(load_cert_from_pemder(HERE / f"{name}.pem") for name in names)
    return store


SIGNER = signers.SimpleSigner(
    signing_cert=load_cert_from_pemder(HERE / "holder.pem"),
    signing_key=load_private_key_from_pemder(HERE / "holder.key", passphrase=None),
    cert_registry=certificates("sub", "holder"),
    embed_roots=False,
)
STAMPER = timestamps.DummyTimeStamper(
    load_cert_from_pemder(HERE / "tsa.pem"),
    load_private_key_from_pemder(HERE / "tsa.key", passphrase=None),
    certs_to_embed=certificates("sub"),
    fixed_dt=STAMPED_AT,
)


def page(writer, text):
    font = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Font"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/Type1"),
            generic.pdf_name("/BaseFont"): generic.pdf_name("/Helvetica"),
        }
    )
    content = writer.add_object(generic.StreamObject(stream_data=f"BT /F1 24 Tf 60 600 Td ({text}) Tj ET".encode()))
    resources = generic.DictionaryObject(
        {generic.pdf_name("/Font"): generic.DictionaryObject({generic.pdf_name("/F1"): writer.add_object(font)})}
    )
    writer.insert_page(PageObject(contents=content, media_box=(0, 0, 595, 842), resources=resources))


def plain(streams):
    writer = PdfFileWriter(stream_xrefs=streams)
    page(writer, "Giay phep 17")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def sign(document, name, kind=SigSeedSubFilter.PADES, stamped=False, box=None, **more):
    writer = IncrementalPdfFileWriter(BytesIO(document))
    if box:
        fields.append_signature_field(writer, SigFieldSpec(name, box=box))
    meta = signers.PdfSignatureMetadata(field_name=name, subfilter=kind, md_algorithm="sha256", **more)
    signer = signers.PdfSigner(meta, SIGNER, timestamper=STAMPER if stamped else None)
    return signer.sign_pdf(writer).getvalue()


def stamp(document):
    writer = IncrementalPdfFileWriter(BytesIO(document))
    return signers.PdfTimeStamper(STAMPER).timestamp_pdf(writer, "sha256").getvalue()


def reserve(document, name):
    writer = IncrementalPdfFileWriter(BytesIO(document))
    fields.append_signature_field(writer, SigFieldSpec(name))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def change(document):
    """Other words on the page, in a revision that is well written."""
    writer = IncrementalPdfFileWriter(BytesIO(document))
    contents = writer.root["/Pages"]["/Kids"][0]["/Contents"]
    contents._data = contents.data.replace(b"17", b"71")
    contents._encoded_data = None
    writer.update_container(contents)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def note(document):
    """A page gets an annotation that is no signature."""
    writer = IncrementalPdfFileWriter(BytesIO(document))
    first = writer.root["/Pages"]["/Kids"][0]
    text = generic.DictionaryObject(
        {
            generic.pdf_name("/Type"): generic.pdf_name("/Annot"),
            generic.pdf_name("/Subtype"): generic.pdf_name("/FreeText"),
            generic.pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (60, 590, 300, 640))),
            generic.pdf_name("/Contents"): generic.TextStringObject("Giay phep 71"),
        }
    )
    first["/Annots"] = generic.ArrayObject(list(first.get("/Annots", ())) + [writer.add_object(text)])
    writer.update_container(first)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def store(document):
    """Certificates for later (DSS), as a revision of its own."""
    from pyhanko.sign.validation import dss

    out = BytesIO(document)
    certs = [load_cert_from_pemder(HERE / "sub.pem"), load_cert_from_pemder(HERE / "root.pem")]
    dss.DocumentSecurityStore.add_dss(out, None, certs=certs, force_write=True)
    return out.getvalue()


def main():
    base, streamed = plain(False), plain(True)
    basic = sign(base, "Approval")
    made = {
        "plain": base,
        "basic": basic,
        "stamped": sign(base, "Approval", stamped=True),
        "older": sign(base, "Approval", kind=SigSeedSubFilter.ADOBE_PKCS7_DETACHED),
        "streamed": sign(sign(streamed, "Approval"), "Seal"),
        "two": sign(basic, "Seal"),
        "visible": sign(base, "Approval", box=(60, 500, 200, 560)),
        "covered": sign(basic, "Seal", box=(60, 590, 300, 640)),
        "certified": sign(base, "Approval", certify=True, docmdp_permissions=MDPPerm.FILL_FORMS),
        "sealed": sign(sign(base, "Approval", certify=True, docmdp_permissions=MDPPerm.FILL_FORMS), "Seal"),
        "document": stamp(basic),
        "reserved": sign(sign(reserve(reserve(base, "Approval"), "Seal"), "Approval"), "Seal"),
        "changed": change(basic),
        "changed-and-signed": sign(change(basic), "Seal"),
        "changed-and-stamped": stamp(change(basic)),
        "noted": note(basic),
        "stored": store(basic),
        "lasting": stamp(store(sign(base, "Approval", stamped=True))),
    }
    for name, octets in made.items():
        (HERE / f"{name}.pdf").write_bytes(octets)


main()
