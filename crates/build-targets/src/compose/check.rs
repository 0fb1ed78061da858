//! What must fit together in a project: for what does not, Compose refuses all of it.

use std::collections::{BTreeMap, HashMap};

use super::convert::problem;
use super::parsed::{self, size};
use super::service::Service;
use super::value::{Map, Scalar, Value};
use crate::problem::{Problem, circle, quoted};
use crate::source::Place;

/// What is checked.
pub(super) struct Check<'a> {
    /// All that the files came to.
    pub(super) model: &'a Map,
    /// The services that take part, by name.
    pub(super) active: BTreeMap<&'a str, &'a Service>,
    /// Those that do not, as their profile is not active.
    pub(super) inactive: BTreeMap<&'a str, &'a Service>,
    /// Whether all variables are at hand.
    pub(super) all_known: bool,
}

impl Check<'_> {
    /// What Compose refuses; else what it passes on to the builder, which refuses it.
    pub(super) fn run(&self) -> Result<Option<Problem>, Problem> {
        parsed::check(self.model, self.all_known)?;
        self.resources()?;
        for service in self.active.values() {
            self.build(service)?;
            self.references(service)?;
            self.scale(service)?;
            self.said_twice(service)?;
            self.dependencies(service)?;
        }
        self.cycles()?;
        Ok(self.circles(built_with, "is built with").err())
    }

    /// Whether a value is not known, as a variable in it is not.
    fn is_unknown(&self, scalar: &Scalar) -> bool {
        !self.all_known && scalar.interpolation().is_some_and(|interpolation| !interpolation.unset.is_empty())
    }

    fn resources(&self) -> Result<(), Problem> {
        for (kind, sources) in
            [("configs", &["file", "environment", "content"][..]), ("secrets", &["file", "environment"])]
        {
            let Some(all) = self.model.get(kind).and_then(Value::map) else { continue };
            for (name, entry) in &all.entries {
                let Some(map) = entry.value.map() else { continue };
                let given: Vec<&&str> = sources.iter().filter(|key| map.get(key).is_some()).collect();
                if let [first, second, ..] = given.as_slice() {
                    let message = format!("{} has both `{first}` and `{second}`", quoted(name));
                    return Err(problem(entry.key, message));
                }
                if given.is_empty() && map.get("external").is_none() && map.get("driver").is_none() {
                    let keys: Vec<String> = sources.iter().map(|key| format!("`{key}`")).collect();
                    let message = format!("{} needs one of {}", quoted(name), keys.join(", "));
                    return Err(problem(entry.key, message));
                }
            }
        }
        let Some(volumes) = self.model.get("volumes").and_then(Value::map) else { return Ok(()) };
        for (name, entry) in &volumes.entries {
            let Some(map) = entry.value.map() else { continue };
            if !map.get("external").is_some_and(is_true) {
                continue;
            }
            let other = |key: &str| !matches!(key, "name" | "external") && !key.starts_with("x-");
            if let Some((key, other)) = map.entries.iter().find(|(key, _)| other(key)) {
                let message =
                    format!("the volume {} is external and cannot have {}", quoted(name), quoted(key));
                return Err(problem(other.key, message));
            }
        }
        Ok(())
    }

    fn build(&self, service: &Service) -> Result<(), Problem> {
        let Some(build) = service.definition.get("build").and_then(Value::map) else {
            let image = service.definition.get("image").and_then(Value::scalar);
            let has_image =
                image.is_some_and(|it| it.text().is_some_and(|text| !text.is_empty()) || self.is_unknown(it));
            if has_image || service.definition.get("provider").is_some() {
                return Ok(());
            }
            let message = format!("the service {} has neither `image` nor `build`", quoted(&service.name));
            return Err(problem(service.place, message));
        };
        let written =
            |key: &str| build.get(key).filter(|value| value.text().is_some_and(|text| !text.is_empty()));
        if let (Some(_), Some(inline)) = (written("dockerfile"), written("dockerfile_inline")) {
            let message = format!(
                "the service {} has both `dockerfile` and `dockerfile_inline`",
                quoted(&service.name)
            );
            return Err(problem(inline.place(), message));
        }
        if let Some(Value::List(args)) = build.get("args") {
            let trailing = |item: &&Value| {
                let name = item.text().and_then(|text| text.split('=').next());
                name.is_some_and(|name| name.ends_with(char::is_whitespace))
            };
            if let Some(item) = args.items.iter().find(trailing) {
                return Err(problem(item.place(), "the name of this argument ends with a blank"));
            }
        }
        self.platforms(service, build)?;
        for context in contexts(build) {
            let Some(name) = context.1.strip_prefix("service:") else { continue };
            match self.active.get(name) {
                Some(other) if other.definition.get("build").is_some() => {}
                Some(_) => {
                    let message =
                        format!("the service {} is a context here and has no `build`", quoted(name));
                    return Err(problem(context.0, message));
                }
                None => {
                    let message =
                        format!("the service {} is a context here, and there is none", quoted(name));
                    return Err(problem(context.0, message));
                }
            }
        }
        Ok(())
    }

    fn platforms(&self, service: &Service, build: &Map) -> Result<(), Problem> {
        let Some(platforms) = build.get("platforms").and_then(Value::list).filter(|all| !all.is_empty())
        else {
            return Ok(());
        };
        let Some(platform) = service.definition.get("platform").and_then(Value::scalar) else {
            return Ok(());
        };
        let text = platform.text().unwrap_or_default();
        let unknown = platforms.iter().filter_map(Value::scalar).any(|it| self.is_unknown(it));
        if text.is_empty() || unknown || self.is_unknown(platform) {
            return Ok(());
        }
        if platforms.iter().any(|it| it.text() == Some(text)) {
            return Ok(());
        }
        let message = format!("the platform {} of the service is not among those of its build", quoted(text));
        Err(problem(platform.place(), message))
    }

    /// What may be said in `deploy` as well must be the same there.
    fn said_twice(&self, service: &Service) -> Result<(), Problem> {
        let definition = &service.definition;
        let deploy = definition.get("deploy").and_then(Value::map);
        let Some(resources) = deploy.and_then(|deploy| deploy.get("resources")?.map()) else { return Ok(()) };
        for (key, group, name) in [
            ("cpus", "limits", "cpus"),
            ("mem_limit", "limits", "memory"),
            ("mem_reservation", "reservations", "memory"),
            ("pids_limit", "limits", "pids"),
        ] {
            let Some(group) = resources.get(group).and_then(Value::map) else { continue };
            let amount = |value: Option<&Value>| match value.map(Value::scalar) {
                None => Some(0.0),
                Some(Some(scalar)) if !self.is_unknown(scalar) => size(&scalar.typed().to_string()),
                Some(_) => None,
            };
            let (Some(own), Some(other)) = (amount(definition.get(key)), amount(group.get(name))) else {
                continue;
            };
            if own != 0.0 && (own - other).abs() > f64::from(f32::EPSILON) {
                let message = format!("`{key}` and the `{name}` of `deploy` must be the same");
                return Err(problem(definition.get(key).map_or(service.place, Value::place), message));
            }
        }
        Ok(())
    }

    /// How many containers a service has may be said twice, and several cannot have one name.
    fn scale(&self, service: &Service) -> Result<(), Problem> {
        let number = |value: Option<&Value>| -> Option<(i64, Place)> {
            let scalar = value?.scalar().filter(|scalar| !self.is_unknown(scalar))?;
            Some((scalar.typed().to_string().parse().ok()?, scalar.place()))
        };
        let scale = number(service.definition.get("scale"));
        let deploy = service.definition.get("deploy").and_then(Value::map);
        let replicas = number(deploy.and_then(|deploy| deploy.get("replicas")));
        if let (Some((scale, _)), Some((replicas, place))) = (scale, replicas)
            && scale != replicas
        {
            let message =
                format!("`deploy.replicas` is {replicas}, and `scale` of the same service is {scale}");
            return Err(problem(place, message));
        }
        let Some((count, place)) = scale.or(replicas) else { return Ok(()) };
        let name = service.definition.get("container_name").filter(|name| name.text() != Some(""));
        if count > 1 && name.is_some() {
            let message = format!("{count} containers cannot have the one name of `container_name`");
            return Err(problem(place, message));
        }
        Ok(())
    }

    /// Networks, volumes, secrets, configs and models that a service uses must be there.
    fn references(&self, service: &Service) -> Result<(), Problem> {
        let definition = &service.definition;
        let mut used: Vec<(&str, String, Place)> = Vec::new();
        if let Some(networks) = definition.get("networks").and_then(Value::map) {
            if !networks.entries.is_empty()
                && let Some(mode) = definition.get("network_mode")
            {
                return Err(problem(
                    mode.place(),
                    "a service cannot have both `network_mode` and `networks`",
                ));
            }
            let own = networks.entries.iter().filter(|(name, _)| &***name != "default");
            used.extend(own.map(|(name, entry)| ("networks", name.to_string(), entry.key)));
        }
        for volume in definition.get("volumes").and_then(Value::list).unwrap_or_default() {
            if let Some(name) = self.volume_name(volume)? {
                used.push(("volumes", name, volume.place()));
            }
        }
        let test = definition.get("healthcheck").and_then(Value::map).and_then(|check| check.get("test"));
        if let Some(first) = test.and_then(Value::list).and_then(<[Value]>::first)
            && !matches!(first.text(), Some("CMD" | "CMD-SHELL" | "NONE"))
            && !first.scalar().is_some_and(|scalar| self.is_unknown(scalar))
        {
            let message = "the test of a health check begins with `CMD`, `CMD-SHELL` or `NONE`";
            return Err(problem(first.place(), message));
        }
        let build = definition.get("build").and_then(Value::map);
        let lists = [("secrets", definition.get("secrets")), ("configs", definition.get("configs"))];
        for (kind, list) in
            lists.into_iter().chain([("secrets", build.and_then(|build| build.get("secrets")))])
        {
            for item in list.and_then(Value::list).unwrap_or_default() {
                let source = item.map().map_or(Some(item), |map| map.get("source"));
                if let Some(scalar) = source.and_then(Value::scalar)
                    && !self.is_unknown(scalar)
                {
                    used.push((kind, scalar.text().unwrap_or_default().to_owned(), item.place()));
                }
            }
        }
        match definition.get("models") {
            Some(Value::Map(map)) => {
                used.extend(map.entries.iter().map(|(name, entry)| ("models", name.to_string(), entry.key)));
            }
            Some(Value::List(list)) => {
                let names = list.items.iter().filter_map(|item| Some((item.scalar()?, item.text()?)));
                let known = names.filter(|(scalar, _)| !self.is_unknown(scalar));
                used.extend(known.map(|(scalar, name)| ("models", name.to_owned(), scalar.place())));
            }
            _ => {}
        }
        for (kind, name, place) in used {
            let there = self.model.get(kind).and_then(Value::map).is_some_and(|all| all.get(&name).is_some());
            if !there {
                let message = format!("{} is not among the `{kind}` of the project", quoted(&name));
                return Err(problem(place, message));
            }
        }
        Ok(())
    }

    /// The name of the volume in `name:/path`, or in the long form.
    fn volume_name(&self, volume: &Value) -> Result<Option<String>, Problem> {
        if let Some(map) = volume.map() {
            let is_volume = map.get("type").and_then(Value::text) == Some("volume");
            let source = map.get("source").and_then(Value::scalar).filter(|it| !self.is_unknown(it));
            return Ok(source
                .filter(|_| is_volume)
                .and_then(Scalar::text)
                .filter(|it| !it.is_empty())
                .map(str::to_owned));
        }
        let Some(scalar) = volume.scalar() else { return Ok(None) };
        let Some(text) = scalar.text().filter(|_| !self.is_unknown(scalar)) else { return Ok(None) };
        let drive = text.starts_with(|c: char| c.is_alphabetic()) && text.chars().nth(1) == Some(':');
        if text.split(':').any(str::is_empty) {
            return Err(problem(scalar.place(), format!("the volume {} has an empty part", quoted(text))));
        }
        let source = text.split_once(':').map(|(source, _)| source);
        let is_path = |source: &str| source.starts_with(['.', '/', '~']) || source.starts_with("\\\\");
        Ok(source.filter(|source| !drive && !is_path(source)).map(str::to_owned))
    }

    /// Services that a service depends on, and where it says so; and whether it can do without.
    fn dependencies_of<'s>(&self, service: &'s Service) -> Vec<(&'s str, Place, bool)> {
        let definition = &service.definition;
        let mut all: Vec<(&str, Place, bool)> = Vec::new();
        if let Some(map) = definition.get("depends_on").and_then(Value::map) {
            for (name, entry) in &map.entries {
                let required = entry.value.map().and_then(|map| map.get("required"));
                all.push((name, entry.key, required.is_none_or(is_true)));
            }
        }
        let list = |key: &str| definition.get(key).and_then(Value::list).unwrap_or_default();
        for item in list("links") {
            let text = item.text().unwrap_or_default();
            let parts: Vec<&str> = text.split(':').collect();
            all.push((if parts.len() == 2 { parts[0] } else { text }, item.place(), true));
        }
        for item in list("volumes_from") {
            let text = item.text().unwrap_or_default();
            if !text.starts_with("container:") {
                all.push((text.split(':').next().unwrap_or_default(), item.place(), true));
            }
        }
        for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
            let value = definition.get(key);
            if let Some((value, name)) = value.and_then(|it| Some((it, it.text()?.strip_prefix("service:")?)))
            {
                all.push((name, value.place(), true));
            }
        }
        all
    }

    fn dependencies(&self, service: &Service) -> Result<(), Problem> {
        for (name, place, required) in self.dependencies_of(service) {
            if self.active.contains_key(name) {
                continue;
            }
            let inactive = self.inactive.contains_key(name);
            // Which profiles will be active is not known without the environment.
            if inactive && (!required || !self.all_known) {
                continue;
            }
            let reason = if inactive { "whose profile is not active" } else { "which is not there" };
            let message =
                format!("the service {} depends on {}, {reason}", quoted(&service.name), quoted(name));
            return Err(problem(place, message));
        }
        Ok(())
    }

    /// Services that depend on themselves by way of others.
    fn cycles(&self) -> Result<(), Problem> {
        self.circles(
            |service| {
                self.dependencies_of(service).into_iter().map(|(name, place, _)| (name, place)).collect()
            },
            "depends on",
        )
    }

    /// Finds a service from which these ways lead back to it.
    fn circles<'s>(
        &'s self,
        ways: impl Fn(&'s Service) -> Vec<(&'s str, Place)>,
        verb: &str,
    ) -> Result<(), Problem> {
        let edges: HashMap<&str, Vec<(&str, Place)>> =
            self.active.values().map(|service| (service.name.as_str(), ways(service))).collect();
        // A walk without recursion: what is done is never walked again.
        let mut done: HashMap<&str, bool> = HashMap::new();
        for start in self.active.keys() {
            if done.contains_key(start) {
                continue;
            }
            let mut walk: Vec<(&str, usize)> = vec![(start, 0)];
            done.insert(start, false);
            while let Some((name, next)) = walk.last_mut() {
                let Some((to, place)) = edges.get(name).and_then(|all| all.get(*next)).copied() else {
                    done.insert(name, true);
                    walk.pop();
                    continue;
                };
                *next += 1;
                match done.get(to) {
                    Some(true) => {}
                    Some(false) => {
                        let since = walk.iter().map(|(name, _)| *name).skip_while(|name| *name != to);
                        let names: Vec<String> = since.map(quoted).collect();
                        let message = format!("the service {}", circle(&names, verb));
                        return Err(problem(place, message));
                    }
                    None => {
                        done.insert(to, false);
                        walk.push((to, 0));
                    }
                }
            }
        }
        Ok(())
    }
}

/// The values of named contexts.
fn contexts(build: &Map) -> Vec<(Place, &str)> {
    match build.get("additional_contexts") {
        Some(Value::Map(map)) => map
            .entries
            .values()
            .filter_map(|entry| Some((entry.value.place(), entry.value.text()?)))
            .collect(),
        Some(Value::List(list)) => {
            let mut all = Vec::new();
            for item in &list.items {
                match item {
                    Value::Pair(pair) => all.extend(pair.value.text().map(|text| (pair.value.place(), text))),
                    item => {
                        let text = item.text().and_then(|text| text.split_once('='));
                        all.extend(text.map(|(_, text)| (item.place(), text)));
                    }
                }
            }
            all
        }
        _ => Vec::new(),
    }
}

/// `true`, or a text that stands for it; a map too, as `external` may have.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Scalar(scalar) => {
            let text = scalar.typed().to_string().to_lowercase();
            matches!(text.as_str(), "true" | "y" | "yes" | "on")
        }
        Value::Map(_) => true,
        _ => false,
    }
}

/// The services whose images the build of a service gets as named contexts.
fn built_with(service: &Service) -> Vec<(&str, Place)> {
    let build = service.definition.get("build").and_then(Value::map);
    let all = build.map(|build| contexts(build)).unwrap_or_default();
    all.into_iter().filter_map(|(place, text)| Some((text.strip_prefix("service:")?, place))).collect()
}
