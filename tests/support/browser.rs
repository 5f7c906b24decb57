//! Chromium without a screen, spoken to over a pipe in its own protocol: pages as people open them.

use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::root;

/// A browser with one tab.
pub(crate) struct Browser {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    profile: tempfile::TempDir,
    session: Option<String>,
    id: u64,
    loaded: bool,
    /// What the page's console said of broken rules (CSP) and scripts.
    pub(crate) complaints: Vec<String>,
}

impl Browser {
    /// Starts one; installs it where it is missing.
    pub(crate) fn start() -> Self {
        let installed = Command::new("sh")
            .arg(root().join(".ci/chromium"))
            .output()
            .unwrap();
        assert!(
            installed.status.success(),
            "{}",
            String::from_utf8_lossy(&installed.stderr)
        );
        let program = String::from_utf8(installed.stdout).unwrap();
        let profile = tempfile::tempdir().unwrap();
        // Its pipe is on descriptors 3 and 4, which only a shell can put there without unsafe code.
        let line = format!(
            "exec {} --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --remote-debugging-pipe \
             --user-data-dir={} about:blank 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null",
            program.trim(),
            profile.path().display()
        );
        let mut child = Command::new("sh")
            .args(["-c", &line])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (to, from) = (
            child.stdin.take().unwrap(),
            BufReader::new(child.stdout.take().unwrap()),
        );
        let mut browser = Self {
            child,
            to,
            from,
            profile,
            session: None,
            id: 0,
            loaded: false,
            complaints: Vec::new(),
        };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}));
        let attach = json!({"targetId": target["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page.enable", "Log.enable", "Runtime.enable"] {
            browser.call(domain, json!({}));
        }
        browser.size(1280, 900);
        browser
    }

    /// How large the window is.
    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", metrics);
    }

    /// Opens an address and waits until it stands.
    pub(crate) fn open(&mut self, url: &str) {
        self.loaded = false;
        self.call("Page.navigate", json!({ "url": url }));
        self.wait();
    }

    /// What an expression of the page comes to.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let asked = json!({"expression": expression, "returnByValue": true, "userGesture": true});
        let answer = self.call("Runtime.evaluate", asked);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].clone()
    }

    /// The text of what a selector finds first.
    pub(crate) fn text(&mut self, selector: &str) -> String {
        let found = self.eval(&format!(
            "document.querySelector({})?.innerText ?? null",
            json!(selector)
        ));
        found
            .as_str()
            .unwrap_or_else(|| panic!("the page has no `{selector}`"))
            .to_owned()
    }

    /// How often a selector is found.
    pub(crate) fn count(&mut self, selector: &str) -> u64 {
        let found = self.eval(&format!("document.querySelectorAll({}).length", json!(selector)));
        found.as_u64().unwrap()
    }

    /// Types into a field, key by key, as a person does.
    pub(crate) fn fill(&mut self, selector: &str, text: &str) {
        self.eval(&format!("document.querySelector({}).focus()", json!(selector)));
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Chooses a value of a list.
    pub(crate) fn choose(&mut self, selector: &str, value: &str) {
        self.eval(&format!(
            "document.querySelector({}).value = {}",
            json!(selector),
            json!(value)
        ));
    }

    /// Clicks what stays on the page.
    pub(crate) fn tick(&mut self, selector: &str) {
        self.eval(&format!("document.querySelector({}).click()", json!(selector)));
    }

    /// Clicks what leads to another page, and waits until that stands.
    pub(crate) fn click(&mut self, selector: &str) {
        self.loaded = false;
        self.tick(selector);
        self.wait();
    }

    /// The page as a picture, all of it.
    pub(crate) fn picture(&mut self, path: &Path) {
        let size = self.eval("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]");
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let shot = self.call(
            "Page.captureScreenshot",
            json!({"captureBeyondViewport": true, "clip": clip}),
        );
        let bytes = data_encoding::BASE64
            .decode(shot["data"].as_str().unwrap().as_bytes())
            .unwrap();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn wait(&mut self) {
        while !self.loaded {
            let event = self.receive();
            self.note(&event);
        }
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        self.id += 1;
        let mut message = json!({"id": self.id, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        loop {
            let answer = self.receive();
            if answer["id"] == json!(self.id) {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.note(&answer);
        }
    }

    fn note(&mut self, event: &Value) {
        match event["method"].as_str() {
            Some("Page.loadEventFired") => self.loaded = true,
            Some("Log.entryAdded") if event["params"]["entry"]["level"] == "error" => {
                self.complaints.push(event["params"]["entry"]["text"].to_string());
            }
            Some(_) | None => {}
        }
    }

    fn receive(&mut self) -> Value {
        let mut bytes = Vec::new();
        let mut byte = [0];
        loop {
            self.from.read_exact(&mut byte).expect("the browser stands");
            if byte[0] == 0 {
                return serde_json::from_slice(&bytes).unwrap();
            }
            bytes.push(byte[0]);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It takes its own processes along when it is asked; the profile goes once it has let go of it.
        self.session = None;
        self.id += 1;
        let close = json!({"id": self.id, "method": "Browser.close"});
        let _told = self.to.write_all(format!("{close}\0").as_bytes());
        let _ended = self.child.wait();
        let _profile = self.profile.path();
    }
}
