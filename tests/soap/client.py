"""An unmodified SOAP client talks to the twin: everything it knows of the service, it read from the description.

usage: client.py BASE     prints what it was told, as one JSON object
"""

import base64
import hashlib
import json
import sys
import time
from urllib.parse import urlsplit

import requests
import zeep
from zeep.helpers import serialize_object

USER, SECRET = "sandbox-tinh-38", "0123456789abcdef-not-a-real-key"


class Signed(requests.auth.AuthBase):
    """The timestamp signature of the population database's own gateway."""

    def __call__(self, request):
        path = urlsplit(request.url).path.removeprefix("/c06")
        stamp = str(int(time.time() * 1000))
        digest = hashlib.sha256((path + USER + stamp + SECRET).encode()).hexdigest()
        request.headers["Timestamp"] = stamp
        request.headers["Authorization"] = "Basic " + base64.b64encode(f"{USER}:{digest}".encode()).decode()
        return request


def client(base, path):
    session = requests.Session()
    # Nothing of the machine's own may stand between the client and the twin.
    session.trust_env = False
    session.auth = Signed()
    transport = zeep.Transport(session=session, timeout=30, operation_timeout=30)
    return zeep.Client(f"{base}/c06/qldc/{path}?wsdl", transport=transport)


def main(base):
    person = {
        "SoDinhDanh": "099090000017",
        "HoVaTen": "TRẦN VĂN MẪU",
        "NgayThangNamSinh": {"NgayThangNam": "19900517"},
    }
    officer = {"MaDVC": "1.001193", "MaCanBo": "099185000058"}
    look = client(base, "tracuuthongtincongdan").service
    told = {
        "citizen": look.TraCuuThongTinCongDan(MaYeuCau="ZEEP-1", MaTichHop="037", MaDonVi="H56.10", **officer, **person),
        "stranger": look.TraCuuThongTinCongDan(
            MaYeuCau="ZEEP-2", MaTichHop="037", **officer, **{**person, "HoVaTen": "NGUYỄN VĂN KHÁC"}
        ),
    }
    exists = client(base, "xacthucthongtincongdan").service
    told["yes"] = exists.XacThucThongTinCongDan(MaYeuCau="ZEEP-3", MaTichHop="033", **officer, **person)
    told["newer"] = exists.XacThucThongTinCongDanRequest(
        MaYeuCau="ZEEP-4", MaDichVu="1.001193", MaCanBo="VDXP_VPCP", SoDinhDanh="099090000017", HoVaTen="LÊ THỊ KHÁC"
    )
    parents = client(base, "xacminhthongtinnhanthan").service
    told["parents"] = parents.XacMinhThongTinNhanThan(
        MaYeuCau="ZEEP-5", MaTichHop="037", MaDonVi="H56.10", **officer, **{**person, "NgayThangNamSinh": "19900517"}
    )
    try:
        look.TraCuuThongTinCongDan(MaYeuCau="ZEEP-6", MaTichHop="037", MaDVC="1.001193", MaCanBo="VPCP", **person)
    except zeep.exceptions.Fault as fault:
        told["fault"] = [fault.code, fault.message]
    print(json.dumps(serialize_object(told, dict), ensure_ascii=False))


if __name__ == "__main__":
    main(sys.argv[1])
