//! For the tests: a twin on a loopback port, a caller that speaks plain HTTP/1.1, and good payloads.

use super::{Day, Options, Twin};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

const PATH: &str = "/VXPAdapter/RestService/forward/mapi/";
const HEADERS: &str = "Content-Type: application/json\r\ndstcode: VN:GOV:000.00.00.G22:vpcpdvcprovider\r\n";

/// Options over a fresh folder.
pub(super) fn options(day: Day) -> (TempDir, Options) {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        folder: folder.path().to_owned(),
        day,
        ..Options::default()
    };
    (folder, options)
}

/// A twin that serves, until it is ended.
pub(super) struct Stage {
    twin: Arc<Twin>,
    stop: oneshot::Sender<()>,
    serving: JoinSet<()>,
}

/// Opens a twin and serves it.
pub(super) async fn up(options: Options) -> (Stage, Caller) {
    let twin = Arc::new(Twin::open(options).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let caller = Caller(listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let mut serving = JoinSet::new();
    let server = Arc::clone(&twin);
    serving.spawn(async move {
        let told = async {
            stopped.await.unwrap();
        };
        server.serve(listener, told).await.unwrap();
    });
    (Stage { twin, stop, serving }, caller)
}

impl Stage {
    /// Stops it as a running one is stopped, and gives it back.
    pub(super) async fn down(mut self) -> Twin {
        self.stop.send(()).unwrap();
        self.serving.join_next().await.unwrap().unwrap();
        Arc::into_inner(self.twin).unwrap()
    }
}

/// One caller; each call is a connection of its own.
#[derive(Clone, Copy)]
pub(super) struct Caller(SocketAddr);

/// What came back; a connection that was cut has fewer bytes than it promised.
#[derive(Debug, Clone)]
pub(super) struct Back {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Back {
    /// `error_code` as a text, and the message.
    pub(super) fn told(&self) -> (String, String) {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        let code = body["error_code"].to_string().replace('"', "");
        (code, body["message"].as_str().unwrap_or_default().to_owned())
    }

    pub(super) fn is_cut(&self) -> bool {
        let promised = self
            .head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        promised.is_none_or(|length| length.parse() != Ok(self.body.len()))
    }
}

impl Caller {
    /// Sends bytes as they are and reads to the end.
    pub(super) async fn raw(self, request: &str) -> Back {
        let mut stream = TcpStream::connect(self.0).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        // A cut connection ends in an error; what came before it is the answer.
        let _ = stream.read_to_end(&mut bytes).await;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|word| word.parse().ok())
            .unwrap_or(0);
        Back {
            status,
            head: head.to_ascii_lowercase(),
            body: body.to_owned(),
        }
    }

    /// A call whose headers a test chooses.
    pub(super) async fn call(self, method: &str, target: &str, headers: &str, body: &str) -> Back {
        let length = body.len();
        let fixed = format!("Host: twin\r\nConnection: close\r\nContent-Length: {length}\r\n");
        self.raw(&format!(
            "{method} {target} HTTP/1.1\r\n{fixed}{headers}\r\n{body}"
        ))
        .await
    }

    pub(super) async fn post(self, end: &str, body: &Value) -> Back {
        self.call("POST", &format!("{PATH}{end}"), HEADERS, &body.to_string())
            .await
    }

    pub(super) async fn get(self, path: &str) -> Value {
        serde_json::from_str(&self.call("GET", path, "", "").await.body).unwrap_or_default()
    }

    /// A session, however often the day says no.
    pub(super) async fn login(self) -> String {
        for _ in 0..100 {
            let back = self
                .post(
                    "login",
                    &json!({"username": "000.00.00.H99", "password": "mat-khau-thu-nghiem"}),
                )
                .await;
            let body: Value = serde_json::from_str(&back.body).unwrap_or_default();
            if let Some(session) = body["session"].as_str() {
                return session.to_owned();
            }
        }
        panic!("no login in 100 calls");
    }

    pub(super) async fn create(self, session: &str, number: &str) -> Back {
        self.push(session, "False", json!([dossier(number)])).await
    }

    pub(super) async fn push(self, session: &str, updating: &str, data: Value) -> Back {
        let mut body = envelope(session, "DongBoHoSoMC");
        (body["isUpdating"], body["data"]) = (json!(updating), data);
        self.post("g", &body).await
    }

    /// A call with something in a signature header.
    pub(super) async fn signed(self, session: &str) -> Back {
        let headers = format!("{HEADERS}x-signature-jws: e30..c2ln\r\n");
        let body = envelope(session, "LayDanhSachTTHC").to_string();
        self.call("POST", &format!("{PATH}s"), &headers, &body).await
    }

    pub(super) async fn steps(self, session: &str, data: Value) -> Back {
        let mut body = envelope(session, "CapNhatTienDoHoSoMC");
        body["data"] = data;
        self.post("g", &body).await
    }

    pub(super) async fn look(self, session: &str, number: &str) -> Back {
        let mut body = envelope(session, "TraCuuHoSo");
        body["mahoso"] = json!(number);
        self.post("g", &body).await
    }
}

pub(super) fn envelope(session: &str, service: &str) -> Value {
    json!({"session": session, "madonvi": "000.00.00.H99", "service": service})
}

/// A dossier with every field of P1+766.
pub(super) fn dossier(number: &str) -> Value {
    let mut dossier = json!({
        "MaHoSo": number, "MaTTHC": "1.001234", "TenTTHC": "Cấp giấy phép thử nghiệm",
        "MaLinhVuc": "G99-TN01", "TenLinhVuc": "Thử nghiệm", "KenhThucHien": "2",
        "SoGiayToChuHoSo": "099090000001", "SoBienNhan": "", "ChuHoSo": "Nguyễn Thử Nghiệm", "LoaiDoiTuong": "1",
        "MaDoiTuong": "", "ThongTinKhac": "", "Email": "", "Fax": "", "SoDienThoai": "0900000001",
        "TrichYeuHoSo": "Đề nghị cấp giấy phép", "NgayNopHoSo": "20240115081500", "NgayTiepNhan": "20240115093000",
        "NgayHenTra": "20240129170000", "TrangThaiHoSo": "2", "NgayTra": "", "ThongTinTra": "", "HinhThuc": "0",
        "NgayKetThucXuLy": "", "DonViXuLy": "Sở Thử nghiệm tỉnh Mẫu", "GhiChu": ""
    });
    let rows = json!({
        "TaiLieuNop": [{"TepDinhKemId": "70001", "TenTepDinhKem": "don.pdf", "IsDeleted": "False",
            "MaThanhPhanHoSo": "000.00.00.G99-KQ000001", "DuongDanTaiTepTin": "http://gateway.example/files/70001",
            "DuocSoHoa": "1", "DuocTaiSuDung": "0", "DuocLayTuKhoDMQG": "0", "MaKetQuaThayThe": ""}],
        "DanhSachLePhi": [{"TenPhiLePhi": "Lệ phí", "MaPhiLePhi": "2", "HinhThucThu": "1", "Gia": "150000",
            "LoaiPhiLePhi": "2"}],
        "DanhSachTepDinhKemKhac": [{"TenGiayTo": "Giấy khác", "SoLuong": "1", "LoaiGiayTo": "1"}],
        "DanhSachHoSoBoSung": [{"HoSoBoSungId": "1", "NguoiYeuCauBoSung": "Trần Cán Bộ", "NoiDungBoSung": "Thiếu giấy",
            "NgayBoSung": "20240117100000", "TrangThaiBoSung": "True", "DanhSachGiayToBoSung": [],
            "NgayHenTraTruoc": "20240129170000"}],
        "DanhSachGiayToKetQua": [{"TenGiayTo": "giay-phep.pdf", "MaThanhPhanHoSo": "", "GiayToId": "80001",
            "DuongDanTepTinKetQua": "http://gateway.example/files/80001", "MaGiayToKetQua": "KQ.G99.000001"}],
        "NoiNopHoSo": "2", "HoSoCoThanhPhanSoHoa": "1", "TaiKhoanDuocXacThucVoiVNeID": "1",
        "DuocThanhToanTrucTuyen": "1", "NgayTuChoi": "",
        "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "099090000001"}], "DSKetNoiCSDL": [{"MaCSDL": "1"}]
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut dossier, rows) {
        all.extend(more);
    }
    dossier
}

/// The n-th step of a dossier.
pub(super) fn step(number: &str, n: usize) -> Value {
    json!({"MaHoSo": number, "NguoiXuLy": "Lê Một Cửa", "ChucDanh": "", "ThoiDiemXuLy": format!("2024011509{n:02}00"),
           "PhongBanXuLy": "Bộ phận một cửa", "NoiDungXuLy": "Tiếp nhận hồ sơ", "TrangThai": "2", "NgayBatDau": "",
           "NgayKetThucTheoQuyDinh": "20240116170000"})
}
