"""Checks SOAP messages against a schema: what stands in the Body must be valid.

usage: validate.py XSD < messages     XSD is a file or an address; messages are separated by a NUL byte
Prints one line per mistake, with the number of the message, and ends with 1 if there was any.
"""

import sys

from lxml import etree

BODY = "{http://schemas.xmlsoap.org/soap/envelope/}Body"


def mistakes(schema, message):
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(message, parser)
    except etree.XMLSyntaxError as error:
        return [str(error)]
    body = root.find(BODY)
    inside = [] if body is None else [child for child in body if isinstance(child.tag, str)]
    if len(inside) != 1:
        return ["there is no SOAP 1.1 body with exactly one element"]
    # On its own, so that the schema does not have to know the envelope.
    schema.validate(etree.ElementTree(etree.fromstring(etree.tostring(inside[0]), parser)))
    return [error.message for error in schema.error_log]


def main(where):
    schema = etree.XMLSchema(etree.parse(where))
    messages = sys.stdin.buffer.read().split(b"\0")
    found = [(at, text) for at, message in enumerate(messages) for text in mistakes(schema, message)]
    for at, text in found:
        print(f"message {at}: {text}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main(sys.argv[1])
