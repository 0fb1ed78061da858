//! The limits of a `.dive-ci` file.

use std::path::Path;

use crate::diag::{format_bytes, parse_bytes};
use crate::image::Image;
use crate::report::{CheckRow, sanitize};
use crate::text::toml::{At, Fault};
use crate::text::yaml;
use crate::workspace::read_source;

/// What the file says; a rule that is off or not there is `None`.
#[derive(Debug, Default, PartialEq)]
pub(super) struct DiveLimits {
    lowest_efficiency: Option<f64>,
    highest_wasted: Option<u64>,
    /// Of the bytes of all layers but the lowest.
    highest_user_wasted: Option<f64>,
}

/// Reads the file; an error is a sentence for people.
pub(super) fn read(path: &Path) -> Result<DiveLimits, String> {
    let name = path.display().to_string();
    let source = read_source(path, &name).map_err(|why| format!("{} {why}", sanitize(&name)))?;
    parse(source.text()).map_err(|fault| {
        let line = source.lines().line(fault.span.start);
        format!("{}:{line}: {}", sanitize(&name), sanitize(&fault.message))
    })
}

fn parse(text: &str) -> Result<DiveLimits, Fault> {
    let mut faults = Vec::new();
    let mut limits = DiveLimits::default();
    let Some(root) = yaml::parse(text)? else { return Ok(limits) };
    // Beside the rules the file may hold settings of dive's own.
    let rules = root.map("the file", &mut faults).and_then(|mut keys| keys.take("rules"));
    if let Some(mut rules) = rules.and_then(|rules| rules.map("rules", &mut faults)) {
        let mut said =
            |key| rules.take(key).and_then(|n| n.string(key, &mut faults)).filter(|v| !is_off(&v.value));
        let efficiency = said("lowestEfficiency").map(|v| share(&v));
        let wasted = said("highestWastedBytes").map(|v| bytes(&v));
        let user = said("highestUserWastedPercent").map(|v| share(&v));
        rules.finish(&mut faults);
        limits = DiveLimits {
            lowest_efficiency: efficiency.transpose()?,
            highest_wasted: wasted.transpose()?,
            highest_user_wasted: user.transpose()?,
        };
    }
    match faults.into_iter().min_by_key(|f| f.span.start) {
        Some(fault) => Err(fault),
        None => Ok(limits),
    }
}

fn is_off(value: &str) -> bool {
    ["", "disabled", "off", "false"].iter().any(|off| value.trim().eq_ignore_ascii_case(off))
}

fn share(value: &At<String>) -> Result<f64, Fault> {
    let share = value.value.parse().ok().filter(|s| (0.0..=1.0).contains(s));
    share.ok_or_else(|| Fault::new(value.span, "write a share from 0 to 1, or `disabled`"))
}

fn bytes(value: &At<String>) -> Result<u64, Fault> {
    parse_bytes(&value.value).map_err(|why| Fault::new(value.span, why))
}

impl DiveLimits {
    /// Compares an image with the limits.
    #[allow(clippy::cast_precision_loss, reason = "a share needs a few digits")]
    pub(super) fn check(&self, image: &Image) -> Vec<CheckRow> {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let hidden = image.hidden_bytes();
        let own: u64 = image.layers.iter().skip(1).map(|layer| layer.bytes).fold(0, u64::saturating_add);
        let user = hidden as f64 / own.max(1) as f64;
        let efficiency = self.lowest_efficiency.map(|least| CheckRow {
            option: "lowestEfficiency",
            limit: percent(least),
            actual: percent(image.efficiency()),
            is_sentence: false,
            passed: image.efficiency() >= least,
            unknown: false,
        });
        let wasted = self.highest_wasted.map(|most| CheckRow {
            option: "highestWastedBytes",
            limit: format_bytes(most),
            actual: format_bytes(hidden),
            is_sentence: false,
            passed: hidden <= most,
            unknown: false,
        });
        let user = self.highest_user_wasted.map(|most| CheckRow {
            option: "highestUserWastedPercent",
            limit: percent(most),
            actual: percent(user),
            is_sentence: false,
            passed: user <= most,
            unknown: false,
        });
        [efficiency, wasted, user].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        let limits = |efficiency, wasted, user| DiveLimits {
            lowest_efficiency: efficiency,
            highest_wasted: wasted,
            highest_user_wasted: user,
        };
        for (text, want) in [
            ("", limits(None, None, None)),
            ("rules:\n", limits(None, None, None)),
            ("other: 1\n", limits(None, None, None)),
            (
                "rules:\n  # why\n  lowestEfficiency: 0.95\n  highestWastedBytes: 20MB\n  highestUserWastedPercent: 0.20\n",
                limits(Some(0.95), Some(20_000_000), Some(0.2)),
            ),
            ("rules: {highestWastedBytes: '1.5 GiB'}\n", limits(None, Some(1_610_612_736), None)),
            (
                "rules:\n  lowestEfficiency: Disabled\n  highestWastedBytes: off\n  highestUserWastedPercent: false\n",
                limits(None, None, None),
            ),
        ] {
            assert_eq!(parse(text), Ok(want), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, want) in [
            ("rules:\n  lowestEfficency: 0.9\n", "unknown key `lowestEfficency`"),
            ("rules:\n  lowestEfficiency: 95%\n", "write a share from 0 to 1, or `disabled`"),
            ("rules:\n  highestUserWastedPercent: 1.5\n", "write a share from 0 to 1, or `disabled`"),
            (
                "rules:\n  highestWastedBytes: many\n",
                "write a number and a unit, such as 500MB, 1.5GB or 200MiB",
            ),
            ("rules: [a]\n", "`rules` must be a map, not a list"),
            ("rules\n", "`the file` must be a map, not a string"),
        ] {
            assert_eq!(parse(text).unwrap_err().message, want, "{text}");
        }
    }
}
