//! Faults of the layers between caller and database, in the shape of each (§1.6).

use super::reply::{JSON, Reply, XML};
use crate::twin::day::CodeAs;
use serde_json::{Value, json};

/// Who words an error on a road.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// WSO2 API Manager, the recent JSON form.
    Wso2,
    /// The wrapper with `error_code` and `message`.
    Wrapper,
    /// The wrapper with `status`, `message` and `errors`.
    Errors,
    /// Thái Nguyên: `code`, `status`, `correlationId`, `response`.
    Correlated,
    /// ASP.NET's problem document.
    Problem,
    /// X-Road REST.
    Xroad,
}

/// A fault of the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault {
    status: u16,
    code: u32,
    message: &'static str,
    /// The class of the specification's closed list.
    pub(super) class: &'static str,
}

const fn fault(status: u16, code: u32, message: &'static str, class: &'static str) -> Fault {
    Fault {
        status,
        code,
        message,
        class,
    }
}

pub(super) const INVALID: Fault = fault(401, 900901, "Invalid Credentials", "upstream_auth");
pub(super) const MISSING: Fault = fault(401, 900902, "Missing Credentials", "upstream_auth");
pub(super) const EXPIRED: Fault = fault(401, 900903, "Access Token Expired", "upstream_auth");
pub(super) const WRONG_KIND: Fault = fault(401, 900905, "Incorrect Access Token Type", "upstream_auth");
pub(super) const FORBIDDEN: Fault = fault(403, 900908, "Resource forbidden", "denied");
pub(super) const BLOCKED: Fault = fault(429, 900805, "Message blocked", "denied");
pub(super) const LOST: Fault = fault(
    404,
    900906,
    "No matching resource found in the API",
    "config_error",
);
pub(super) const THROTTLED: Fault = fault(429, 900803, "Message throttled out", "rate_limited");
pub(super) const SUSPENDED: Fault = fault(503, 303001, "Runtime Error", "upstream_unavailable");
pub(super) const API_BLOCKED: Fault = fault(503, 700700, "API blocked", "upstream_unavailable");
pub(super) const BAD_METHOD: Fault = fault(
    405,
    900906,
    "Method not allowed for given API resource",
    "config_error",
);
pub(super) const MEDIA: Fault = fault(415, 101506, "Unsupported Content-Type", "invalid_input");

impl Fault {
    /// The fault as this layer words it.
    pub(super) fn told(self, manner: Manner) -> Reply {
        let Fault {
            status,
            code,
            message,
            ..
        } = self;
        let body = match manner {
            Manner::Wso2 => json!({"fault": {"code": code, "message": message, "description": message}}),
            Manner::Wrapper => json!({"error_code": code.to_string(), "message": message}),
            Manner::Errors => json!({"status": code, "message": message, "errors": [message]}),
            Manner::Correlated => correlated(status, &code.to_string(), Value::Null),
            Manner::Problem => return problem(status, "", message),
            Manner::Xroad => return self.of_xroad(),
        };
        let reply = Reply::json(status, &body);
        // A second is soon over; what is blocked stays blocked.
        let later = self == THROTTLED || self == SUSPENDED;
        if later {
            reply.with("retry-after", "1")
        } else {
            reply
        }
    }

    /// The older form, which WSO2 also uses behind newer faces.
    pub(super) fn as_xml(self) -> Reply {
        let Fault {
            status,
            code,
            message,
            ..
        } = self;
        let body = format!(
            "<am:fault xmlns:am=\"http://wso2.org/apimanager\"><am:code>{code}</am:code><am:type>Status report</am:type><am:message>{message}</am:message><am:description>{message}</am:description></am:fault>"
        );
        Reply::new(status, XML, body)
    }

    fn of_xroad(self) -> Reply {
        let kind = match self.status {
            401 | 403 => "Server.ServerProxy.AccessDenied",
            400..=499 => "Client.BadRequest",
            _ => "Server.ServerProxy.ServiceFailed.HttpError",
        };
        xroad(kind, self.message)
    }
}

/// An X-Road error: header and body name the same type, and its first word says whose error it is.
pub(super) fn xroad(kind: &str, message: &str) -> Reply {
    let status = if kind.starts_with("Client.") { 400 } else { 500 };
    let body = json!({"type": kind, "message": message, "detail": "twin"});
    Reply::json(status, &body).with("x-road-error", kind)
}

/// Thái Nguyên's envelope.
pub(super) fn correlated(code: u16, status: &str, response: Value) -> Value {
    let id = uuid::Uuid::now_v7().to_string();
    json!({"code": code, "status": status, "correlationId": id, "response": response})
}

/// ASP.NET's problem document about one field.
pub(super) fn problem(status: u16, field: &str, message: &str) -> Reply {
    let errors = if field.is_empty() {
        json!({})
    } else {
        json!({ field: [message] })
    };
    let title = if field.is_empty() {
        message
    } else {
        "One or more validation errors occurred."
    };
    let body = json!({
        "errors": errors, "type": "https://tools.ietf.org/html/rfc7231#section-6.5.1", "title": title,
        "status": status, "traceId": "00-mock-01",
    });
    Reply::new(status, JSON, body.to_string())
}

/// A code as a number or as a text, whichever the day prefers.
pub(super) fn coded(code: i64, usual: CodeAs, day: CodeAs) -> Value {
    let way = if day == CodeAs::Sample { usual } else { day };
    match way {
        CodeAs::Int => Value::from(code),
        CodeAs::Sample | CodeAs::Text => Value::from(code.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_fault_has_the_shape_of_each_layer() {
        let told = |manner| THROTTLED.told(manner);
        assert!(
            told(Manner::Wso2)
                .body
                .starts_with(r#"{"fault":{"code":900803,"message":"Message throttled out""#)
        );
        assert!(
            told(Manner::Wrapper)
                .body
                .starts_with(r#"{"error_code":"900803","#)
        );
        assert!(
            told(Manner::Correlated)
                .body
                .starts_with(r#"{"code":429,"status":"900803","correlationId":""#)
        );
        assert!(
            told(Manner::Problem)
                .body
                .contains(r#""title":"Message throttled out","status":429"#)
        );
        let xroad = EXPIRED.told(Manner::Xroad);
        assert_eq!(
            xroad.headers[0],
            ("x-road-error", "Server.ServerProxy.AccessDenied".to_owned())
        );
        assert!(
            SUSPENDED
                .as_xml()
                .body
                .contains("<am:code>303001</am:code><am:type>Status report</am:type>")
        );
    }

    #[test]
    fn the_day_decides_how_a_code_is_written() {
        assert_eq!(coded(0, CodeAs::Text, CodeAs::Sample), json!("0"));
        assert_eq!(coded(1, CodeAs::Int, CodeAs::Sample), json!(1));
        assert_eq!(coded(1, CodeAs::Int, CodeAs::Text), json!("1"));
    }
}
