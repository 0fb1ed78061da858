//! What the user has set in the client.
//!
//! None of it names a program or switches one on, since clients also send what an opened folder sets.

use serde_json::Value;

/// The settings of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Options {
    /// True if build contexts are measured.
    pub(super) context: bool,
    /// True if the weights of instructions are shown at the ends of their lines.
    pub(super) weights: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { context: true, weights: true }
    }
}

impl Options {
    /// Reads what the client sends at the start. What is missing or of another type stays as it is by itself.
    pub(super) fn read(given: &Value) -> Self {
        Self::default().with(given)
    }

    /// Reads what the client sends later, below `settings` and perhaps `dlint`.
    pub(super) fn changed(self, given: &Value) -> Self {
        let settings = given.get("settings").unwrap_or(given);
        self.with(settings.get("dlint").unwrap_or(settings))
    }

    fn with(self, given: &Value) -> Self {
        let is_on = |name: &str, now: bool| given.get(name).and_then(Value::as_bool).unwrap_or(now);
        Self { context: is_on("context", self.context), weights: is_on("weights", self.weights) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_read_wherever_clients_put_them() {
        let all = Options { context: true, weights: true };
        let off = Options { context: false, weights: true };
        for (given, want) in [
            (Value::Null, all),
            (json!({}), all),
            (json!({"context": false}), off),
            (json!({"context": "no", "path": "/bin/sh"}), all),
        ] {
            assert_eq!(Options::read(&given), want, "{given}");
        }
        for given in
            [json!({"settings": {"dlint": {"context": false}}}), json!({"settings": {"context": false}})]
        {
            assert_eq!(all.changed(&given), off, "{given}");
        }
        assert_eq!(off.changed(&json!({"settings": null})), off);
    }
}
