use super::component::{Component, Form, Meaning};
use super::{Message, MessageError, Request};

/// The text that is signed (RFC 9421 §2.5): a line for each component, and the parameters as they were written.
pub(super) fn base(
    message: &Message<'_>,
    components: &[Component],
    parameters: &str,
) -> Result<String, MessageError> {
    let mut text = String::new();
    for (at, component) in components.iter().enumerate() {
        if components.iter().take(at).any(|other| other == component) {
            return Err(MessageError::Twice(component.text().to_owned()));
        }
        let value = value(message, component)?;
        // A line that a value brings along would be read as one more component.
        if !value.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
            return Err(MessageError::Value(component.text().to_owned()));
        }
        text.push_str(&format!("{}: {value}\n", component.text()));
    }
    text.push_str(&format!("\"@signature-params\": {parameters}"));
    Ok(text)
}

fn value(message: &Message<'_>, component: &Component) -> Result<String, MessageError> {
    let unfit = || MessageError::Component(component.text().to_owned());
    let meaning = component.meaning();
    match message {
        // §2.4: a request answers nothing.
        Message::Request(_) if meaning.req => Err(unfit()),
        Message::Response { request, .. } if meaning.req => {
            let request = request
                .as_ref()
                .ok_or_else(|| MessageError::Absent("request".into()))?;
            of_request(request, meaning).ok_or_else(unfit)?
        }
        Message::Response { status, .. } if meaning.name == "@status" => Ok(format!("{status:03}")),
        Message::Response { headers, .. } if !meaning.name.starts_with('@') => {
            headers.value(&meaning.name, &meaning.form)
        }
        Message::Response { .. } => Err(unfit()),
        Message::Request(request) => of_request(request, meaning).ok_or_else(unfit)?,
    }
}

/// `None` is a component that no request has.
fn of_request(request: &Request<'_>, meaning: &Meaning) -> Option<Result<String, MessageError>> {
    let target = &request.target;
    Some(match (meaning.name.as_str(), &meaning.form) {
        ("@method", _) => method(request.method),
        ("@target-uri", _) => Ok(target.uri().to_owned()),
        ("@authority", _) => Ok(target.authority()),
        ("@scheme", _) => Ok(target.scheme()),
        ("@request-target", _) => Ok(target.request_target()),
        ("@path", _) => Ok(target.path().to_owned()),
        ("@query", _) => Ok(target.query()),
        ("@query-param", Form::Parameter(name)) => {
            let mut values = target.parameters(name);
            match (values.pop(), values.is_empty()) {
                (Some(value), true) => Ok(value),
                (None, _) => Err(MessageError::Absent(format!("query parameter {name}"))),
                // §2.2.8: which of several is meant would be open.
                (Some(_), false) => Err(MessageError::Twice(format!("query parameter {name}"))),
            }
        }
        (name, _) if name.starts_with('@') => return None,
        (name, form) => request.headers.value(name, form),
    })
}

/// §2.2.1: a token of RFC 9110, in its own case.
fn method(method: &str) -> Result<String, MessageError> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if method.is_empty() || !method.bytes().all(letter) {
        return Err(MessageError::Value("@method".into()));
    }
    Ok(method.to_owned())
}
