use std::time::Duration;

use super::ast::{Healthcheck, Instruction, Kind};
use super::duration;
use super::flags::Flag;

/// A setting of HEALTHCHECK; zero is the default of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HealthSetting {
    /// The time between two checks: `--interval`.
    Interval(Duration),
    /// The longest time that a check may take: `--timeout`.
    Timeout(Duration),
    /// The time to start, in which failures do not count: `--start-period`.
    StartPeriod(Duration),
    /// The time between two checks until then: `--start-interval`.
    StartInterval(Duration),
    /// How many failures in a row make a container unhealthy: `--retries`.
    Retries(u32),
}

impl HealthSetting {
    fn of(flag: &Flag) -> Option<Self> {
        let value = flag.value.as_deref().filter(|v| !v.is_empty())?;
        if &*flag.name == "retries" {
            return value.parse().ok().map(Self::Retries);
        }
        let time = Duration::try_from_secs_f64(duration::nanoseconds(value).ok()? / 1e9).ok()?;
        match &*flag.name {
            "interval" => Some(Self::Interval(time)),
            "timeout" => Some(Self::Timeout(time)),
            "start-period" => Some(Self::StartPeriod(time)),
            "start-interval" => Some(Self::StartInterval(time)),
            _ => None,
        }
    }
}

impl Instruction {
    /// The settings of a HEALTHCHECK with a command, each with its flag. Those that BuildKit refuses, or takes for
    /// not given, are left out.
    pub fn health_settings(&self) -> impl Iterator<Item = (&Flag, HealthSetting)> {
        let is_check = matches!(self.kind, Kind::Healthcheck(Healthcheck::Cmd(..)));
        let flags = self.flags.iter().filter(move |_| is_check);
        flags.filter_map(|flag| Some((flag, HealthSetting::of(flag)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;
    use crate::text::Source;

    fn settings(line: &str) -> Vec<HealthSetting> {
        let file = parse(Source::from_text("Dockerfile", format!("FROM a\n{line}\n")));
        file.instructions[1].health_settings().map(|(_, setting)| setting).collect()
    }

    #[test]
    fn settings_are_read() {
        let seconds = Duration::from_secs;
        assert_eq!(
            settings(
                "HEALTHCHECK --interval=1m30s --timeout=0 --start-period=1.5s --start-interval=2s --retries=3 CMD x"
            ),
            [
                HealthSetting::Interval(seconds(90)),
                HealthSetting::Timeout(seconds(0)),
                HealthSetting::StartPeriod(Duration::from_millis(1500)),
                HealthSetting::StartInterval(seconds(2)),
                HealthSetting::Retries(3),
            ]
        );
        assert_eq!(settings("ONBUILD HEALTHCHECK --retries=+2 CMD x"), [HealthSetting::Retries(2)]);
        assert_eq!(settings("HEALTHCHECK --interval= --timeout=5 --retries=-1 --what=1s CMD x"), []);
        assert_eq!(settings("HEALTHCHECK --interval=5s NONE"), []);
    }
}
