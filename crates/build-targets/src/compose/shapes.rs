//! The shapes of what a Compose file may have: the schema of the Compose specification, as of compose-go 2.14.
//!
//! Patterns and ranges of values are left out: of these no build depends on.

use super::schema::Shape::{
    self, Closed, Either, Free, Is, List, Named, NamedOrFree, Needs, Open, Set, Words,
};
use super::schema::{BOOL, INTEGER, NULL, NUMBER, Names, TEXT};
use Names::{Anything, Letters, Usual};

/// A file.
pub(super) const FILE: Shape = Open(&[
    ("configs", Named(Usual, &CONFIG)),
    ("include", List(&INCLUDE)),
    ("models", NamedOrFree(Usual, &MODEL)),
    ("name", Is(TEXT)),
    ("networks", NamedOrFree(Usual, &NETWORK)),
    ("secrets", Named(Usual, &SECRET)),
    ("services", Named(Usual, &SERVICE)),
    ("version", Is(TEXT)),
    ("volumes", Named(Usual, &VOLUME)),
]);
const SERVICE: Shape = Open(&[
    ("annotations", LIST_OR_DICT),
    ("attach", Is(BOOL | TEXT)),
    (
        "blkio_config",
        Closed(&[
            ("device_read_bps", List(&BLKIO_LIMIT)),
            ("device_read_iops", List(&BLKIO_LIMIT)),
            ("device_write_bps", List(&BLKIO_LIMIT)),
            ("device_write_iops", List(&BLKIO_LIMIT)),
            ("weight", Is(INTEGER | TEXT)),
            ("weight_device", List(&BLKIO_WEIGHT)),
        ]),
    ),
    (
        "build",
        Either(&[
            Is(TEXT),
            Open(&[
                ("additional_contexts", LIST_OR_DICT),
                ("args", LIST_OR_DICT),
                ("cache_from", List(&Is(TEXT))),
                ("cache_to", List(&Is(TEXT))),
                ("context", Is(TEXT)),
                ("dockerfile", Is(TEXT)),
                ("dockerfile_inline", Is(TEXT)),
                ("entitlements", List(&Is(TEXT))),
                ("extra_hosts", EXTRA_HOSTS),
                ("isolation", Is(TEXT)),
                ("labels", LIST_OR_DICT),
                ("network", Is(TEXT)),
                ("no_cache", Is(BOOL | TEXT)),
                ("no_cache_filter", STRING_OR_LIST),
                ("platforms", List(&Is(TEXT))),
                ("privileged", Is(BOOL | TEXT)),
                ("provenance", Is(TEXT | BOOL)),
                ("pull", Is(BOOL | TEXT)),
                ("sbom", Is(TEXT | BOOL)),
                ("secrets", SERVICE_CONFIG_OR_SECRET),
                ("shm_size", Is(INTEGER | TEXT)),
                ("ssh", LIST_OR_DICT),
                ("tags", List(&Is(TEXT))),
                ("target", Is(TEXT)),
                ("ulimits", ULIMITS),
            ]),
        ]),
    ),
    ("cap_add", Set(&Is(TEXT))),
    ("cap_drop", Set(&Is(TEXT))),
    ("cgroup", Words(&["host", "private"])),
    ("cgroup_parent", Is(TEXT)),
    ("command", COMMAND),
    ("configs", SERVICE_CONFIG_OR_SECRET),
    ("container_name", Is(TEXT)),
    ("cpu_count", Is(TEXT | INTEGER)),
    ("cpu_percent", Is(TEXT | INTEGER)),
    ("cpu_period", Is(NUMBER | TEXT)),
    ("cpu_quota", Is(NUMBER | TEXT)),
    ("cpu_rt_period", Is(NUMBER | TEXT)),
    ("cpu_rt_runtime", Is(NUMBER | TEXT)),
    ("cpu_shares", Is(NUMBER | TEXT)),
    ("cpus", Is(NUMBER | TEXT)),
    ("cpuset", Is(TEXT)),
    ("credential_spec", Open(&[("config", Is(TEXT)), ("file", Is(TEXT)), ("registry", Is(TEXT))])),
    (
        "depends_on",
        Either(&[
            LIST_OF_STRINGS,
            Named(
                Usual,
                &Needs(
                    &["condition"],
                    &Open(&[
                        (
                            "condition",
                            Words(&["service_started", "service_healthy", "service_completed_successfully"]),
                        ),
                        ("required", Is(BOOL)),
                        ("restart", Is(BOOL | TEXT)),
                    ]),
                ),
            ),
        ]),
    ),
    ("deploy", DEPLOYMENT),
    ("develop", DEVELOPMENT),
    ("device_cgroup_rules", LIST_OF_STRINGS),
    (
        "devices",
        List(&Either(&[
            Is(TEXT),
            Needs(
                &["source"],
                &Open(&[("permissions", Is(TEXT)), ("source", Is(TEXT)), ("target", Is(TEXT))]),
            ),
        ])),
    ),
    ("dns", STRING_OR_LIST),
    ("dns_opt", Set(&Is(TEXT))),
    ("dns_search", STRING_OR_LIST),
    ("domainname", Is(TEXT)),
    ("entrypoint", COMMAND),
    ("env_file", ENV_FILE),
    ("environment", LIST_OR_DICT),
    ("expose", Set(&Is(TEXT | NUMBER))),
    (
        "extends",
        Either(&[Is(TEXT), Needs(&["service"], &Closed(&[("file", Is(TEXT)), ("service", Is(TEXT))]))]),
    ),
    ("external_links", Set(&Is(TEXT))),
    ("extra_hosts", EXTRA_HOSTS),
    ("gpus", GPUS),
    ("group_add", Set(&Is(TEXT | NUMBER))),
    ("healthcheck", HEALTHCHECK),
    ("hostname", Is(TEXT)),
    ("image", Is(TEXT)),
    ("init", Is(BOOL | TEXT)),
    ("ipc", Is(TEXT)),
    ("isolation", Is(TEXT)),
    ("label_file", LABEL_FILE),
    ("labels", LIST_OR_DICT),
    ("links", Set(&Is(TEXT))),
    ("logging", Open(&[("driver", Is(TEXT)), ("options", Named(Anything, &Is(TEXT | NUMBER | NULL)))])),
    ("mac_address", Is(TEXT)),
    ("mem_limit", Is(NUMBER | TEXT)),
    ("mem_reservation", Is(TEXT | INTEGER)),
    ("mem_swappiness", Is(INTEGER | TEXT)),
    ("memswap_limit", Is(NUMBER | TEXT)),
    (
        "models",
        Either(&[
            LIST_OF_STRINGS,
            NamedOrFree(
                Usual,
                &Either(&[Is(NULL), Open(&[("endpoint_var", Is(TEXT)), ("model_var", Is(TEXT))])]),
            ),
        ]),
    ),
    ("network_mode", Is(TEXT)),
    (
        "networks",
        Either(&[
            LIST_OF_STRINGS,
            Named(
                Usual,
                &Either(&[
                    Is(NULL),
                    Open(&[
                        ("aliases", List(&Is(TEXT))),
                        ("driver_opts", Named(Anything, &Is(TEXT | NUMBER))),
                        ("gw_priority", Is(NUMBER)),
                        ("interface_name", Is(TEXT)),
                        ("ipv4_address", Is(TEXT)),
                        ("ipv6_address", Is(TEXT)),
                        ("link_local_ips", List(&Is(TEXT))),
                        ("mac_address", Is(TEXT)),
                        ("priority", Is(NUMBER)),
                    ]),
                ]),
            ),
        ]),
    ),
    ("oom_kill_disable", Is(BOOL | TEXT)),
    ("oom_score_adj", Is(TEXT | INTEGER)),
    ("pid", Is(TEXT | NULL)),
    ("pids_limit", Is(NUMBER | TEXT)),
    ("platform", Is(TEXT)),
    (
        "ports",
        List(&Either(&[
            Is(NUMBER | TEXT),
            Open(&[
                ("app_protocol", Is(TEXT)),
                ("host_ip", Is(TEXT)),
                ("mode", Is(TEXT)),
                ("name", Is(TEXT)),
                ("protocol", Is(TEXT)),
                ("published", Is(TEXT | INTEGER)),
                ("target", Is(INTEGER | TEXT)),
            ]),
        ])),
    ),
    ("post_start", List(&SERVICE_HOOK)),
    ("pre_start", List(&PRE_START_HOOK)),
    ("pre_stop", List(&SERVICE_HOOK)),
    ("privileged", Is(BOOL | TEXT)),
    ("profiles", LIST_OF_STRINGS),
    (
        "provider",
        Needs(
            &["type"],
            &Open(&[
                (
                    "options",
                    Named(Anything, &Either(&[Is(TEXT | NUMBER | BOOL), List(&Is(TEXT | NUMBER | BOOL))])),
                ),
                ("type", Is(TEXT)),
            ]),
        ),
    ),
    ("pull_policy", Is(TEXT)),
    ("pull_refresh_after", Is(TEXT)),
    ("read_only", Is(BOOL | TEXT)),
    ("restart", Is(TEXT)),
    ("runtime", Is(TEXT)),
    ("scale", Is(INTEGER | TEXT)),
    ("secrets", SERVICE_CONFIG_OR_SECRET),
    ("security_opt", Set(&Is(TEXT))),
    ("shm_size", Is(NUMBER | TEXT)),
    ("stdin_open", Is(BOOL | TEXT)),
    ("stop_grace_period", Is(TEXT)),
    ("stop_signal", Is(TEXT)),
    ("storage_opt", Free(&[])),
    ("sysctls", LIST_OR_DICT),
    ("tmpfs", STRING_OR_LIST),
    ("tty", Is(BOOL | TEXT)),
    ("ulimits", ULIMITS),
    ("use_api_socket", Is(BOOL)),
    ("user", Is(TEXT)),
    ("userns_mode", Is(TEXT)),
    ("uts", Is(TEXT)),
    (
        "volumes",
        List(&Either(&[
            Is(TEXT),
            Needs(
                &["type"],
                &Open(&[
                    (
                        "bind",
                        Open(&[
                            ("create_host_path", Is(BOOL | TEXT)),
                            ("propagation", Is(TEXT)),
                            ("recursive", Words(&["enabled", "disabled", "writable", "readonly"])),
                            ("selinux", Words(&["z", "Z"])),
                        ]),
                    ),
                    ("consistency", Is(TEXT)),
                    ("image", Open(&[("subpath", Is(TEXT))])),
                    ("read_only", Is(BOOL | TEXT)),
                    ("source", Is(TEXT)),
                    ("target", Is(TEXT)),
                    ("tmpfs", Open(&[("mode", Is(NUMBER | TEXT)), ("size", Is(INTEGER | TEXT))])),
                    ("type", Words(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])),
                    (
                        "volume",
                        Open(&[("labels", LIST_OR_DICT), ("nocopy", Is(BOOL | TEXT)), ("subpath", Is(TEXT))]),
                    ),
                ]),
            ),
        ])),
    ),
    ("volumes_from", Set(&Is(TEXT))),
    ("working_dir", Is(TEXT)),
]);
const HEALTHCHECK: Shape = Open(&[
    ("disable", Is(BOOL | TEXT)),
    ("interval", Is(TEXT)),
    ("retries", Is(NUMBER | TEXT)),
    ("start_interval", Is(TEXT)),
    ("start_period", Is(TEXT)),
    ("test", Either(&[Is(TEXT), List(&Is(TEXT))])),
    ("timeout", Is(TEXT)),
]);
const DEVELOPMENT: Shape = Either(&[
    Is(NULL),
    Open(&[(
        "watch",
        List(&Needs(
            &["path", "action"],
            &Open(&[
                ("action", Words(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"])),
                ("exec", SERVICE_HOOK),
                ("ignore", STRING_OR_LIST),
                ("include", STRING_OR_LIST),
                ("initial_sync", Is(BOOL)),
                ("path", Is(TEXT)),
                ("target", Is(TEXT)),
            ]),
        )),
    )]),
]);
const DEPLOYMENT: Shape = Either(&[
    Is(NULL),
    Open(&[
        ("endpoint_mode", Is(TEXT)),
        ("labels", LIST_OR_DICT),
        ("mode", Is(TEXT)),
        (
            "placement",
            Open(&[
                ("constraints", List(&Is(TEXT))),
                ("max_replicas_per_node", Is(INTEGER | TEXT)),
                ("preferences", List(&Open(&[("spread", Is(TEXT))]))),
            ]),
        ),
        ("replicas", Is(INTEGER | TEXT)),
        (
            "resources",
            Open(&[
                (
                    "limits",
                    Open(&[("cpus", Is(NUMBER | TEXT)), ("memory", Is(TEXT)), ("pids", Is(INTEGER | TEXT))]),
                ),
                (
                    "reservations",
                    Open(&[
                        ("cpus", Is(NUMBER | TEXT)),
                        ("devices", DEVICES),
                        ("generic_resources", GENERIC_RESOURCES),
                        ("memory", Is(TEXT)),
                    ]),
                ),
            ]),
        ),
        (
            "restart_policy",
            Open(&[
                ("condition", Is(TEXT)),
                ("delay", Is(TEXT)),
                ("max_attempts", Is(INTEGER | TEXT)),
                ("window", Is(TEXT)),
            ]),
        ),
        (
            "rollback_config",
            Open(&[
                ("delay", Is(TEXT)),
                ("failure_action", Is(TEXT)),
                ("max_failure_ratio", Is(NUMBER | TEXT)),
                ("monitor", Is(TEXT)),
                ("order", Words(&["start-first", "stop-first"])),
                ("parallelism", Is(INTEGER | TEXT)),
            ]),
        ),
        (
            "update_config",
            Open(&[
                ("delay", Is(TEXT)),
                ("failure_action", Is(TEXT)),
                ("max_failure_ratio", Is(NUMBER | TEXT)),
                ("monitor", Is(TEXT)),
                ("order", Words(&["start-first", "stop-first"])),
                ("parallelism", Is(INTEGER | TEXT)),
            ]),
        ),
    ]),
]);
const GENERIC_RESOURCES: Shape =
    List(&Open(&[("discrete_resource_spec", Open(&[("kind", Is(TEXT)), ("value", Is(NUMBER | TEXT))]))]));
const DEVICES: Shape = List(&Needs(
    &["capabilities"],
    &Open(&[
        ("capabilities", LIST_OF_STRINGS),
        ("count", Is(TEXT | INTEGER)),
        ("device_ids", LIST_OF_STRINGS),
        ("driver", Is(TEXT)),
        ("options", LIST_OR_DICT),
    ]),
));
const GPUS: Shape = Either(&[
    Words(&["all"]),
    List(&Free(&[
        ("capabilities", LIST_OF_STRINGS),
        ("count", Is(TEXT | INTEGER)),
        ("device_ids", LIST_OF_STRINGS),
        ("driver", Is(TEXT)),
        ("options", LIST_OR_DICT),
    ])),
]);
const INCLUDE: Shape = Either(&[
    Is(TEXT),
    Closed(&[("env_file", STRING_OR_LIST), ("path", STRING_OR_LIST), ("project_directory", Is(TEXT))]),
]);
const NETWORK: Shape = Either(&[
    Is(NULL),
    Open(&[
        ("attachable", Is(BOOL | TEXT)),
        ("driver", Is(TEXT)),
        ("driver_opts", Named(Anything, &Is(TEXT | NUMBER))),
        ("enable_ipv4", Is(BOOL | TEXT)),
        ("enable_ipv6", Is(BOOL | TEXT)),
        ("external", Either(&[Is(BOOL | TEXT), Open(&[("name", Is(TEXT))])])),
        ("internal", Is(BOOL | TEXT)),
        (
            "ipam",
            Open(&[
                (
                    "config",
                    List(&Open(&[
                        ("aux_addresses", Named(Anything, &Is(TEXT))),
                        ("gateway", Is(TEXT)),
                        ("ip_range", Is(TEXT)),
                        ("subnet", Is(TEXT)),
                    ])),
                ),
                ("driver", Is(TEXT)),
                ("options", Named(Anything, &Is(TEXT))),
            ]),
        ),
        ("labels", LIST_OR_DICT),
        ("name", Is(TEXT)),
    ]),
]);
const VOLUME: Shape = Either(&[
    Is(NULL),
    Open(&[
        ("driver", Is(TEXT)),
        ("driver_opts", Named(Anything, &Is(TEXT | NUMBER))),
        ("external", Either(&[Is(BOOL | TEXT), Open(&[("name", Is(TEXT))])])),
        ("labels", LIST_OR_DICT),
        ("name", Is(TEXT)),
    ]),
]);
const SECRET: Shape = Open(&[
    ("driver", Is(TEXT)),
    ("driver_opts", Named(Anything, &Is(TEXT | NUMBER))),
    ("environment", Is(TEXT)),
    ("external", Either(&[Is(BOOL | TEXT), Free(&[("name", Is(TEXT))])])),
    ("file", Is(TEXT)),
    ("labels", LIST_OR_DICT),
    ("name", Is(TEXT)),
    ("template_driver", Is(TEXT)),
]);
const CONFIG: Shape = Open(&[
    ("content", Is(TEXT)),
    ("environment", Is(TEXT)),
    ("external", Either(&[Is(BOOL | TEXT), Free(&[("name", Is(TEXT))])])),
    ("file", Is(TEXT)),
    ("labels", LIST_OR_DICT),
    ("name", Is(TEXT)),
    ("template_driver", Is(TEXT)),
]);
const MODEL: Shape = Needs(
    &["model"],
    &Open(&[
        ("context_size", Is(INTEGER)),
        ("model", Is(TEXT)),
        ("name", Is(TEXT)),
        ("runtime_flags", List(&Is(TEXT))),
    ]),
);
const COMMAND: Shape = Either(&[Is(NULL | TEXT), List(&Is(TEXT))]);
const SERVICE_HOOK: Shape = Needs(
    &["command"],
    &Open(&[
        ("command", COMMAND),
        ("environment", LIST_OR_DICT),
        ("privileged", Is(BOOL | TEXT)),
        ("user", Is(TEXT)),
        ("working_dir", Is(TEXT)),
    ]),
);
const PRE_START_HOOK: Shape = Open(&[
    ("command", COMMAND),
    ("environment", LIST_OR_DICT),
    ("image", Is(TEXT)),
    ("per_replica", Is(BOOL | TEXT)),
    ("privileged", Is(BOOL | TEXT)),
    ("user", Is(TEXT)),
    ("working_dir", Is(TEXT)),
]);
const ENV_FILE: Shape = Either(&[
    Is(TEXT),
    List(&Either(&[
        Is(TEXT),
        Needs(&["path"], &Closed(&[("format", Is(TEXT)), ("path", Is(TEXT)), ("required", Is(BOOL | TEXT))])),
    ])),
]);
const LABEL_FILE: Shape = Either(&[Is(TEXT), List(&Is(TEXT))]);
const STRING_OR_LIST: Shape = Either(&[Is(TEXT), LIST_OF_STRINGS]);
const LIST_OF_STRINGS: Shape = Set(&Is(TEXT));
const LIST_OR_DICT: Shape = Either(&[Named(Anything, &Is(TEXT | NUMBER | BOOL | NULL)), Set(&Is(TEXT))]);
const EXTRA_HOSTS: Shape = Either(&[Named(Anything, &Either(&[Is(TEXT), List(&Is(TEXT))])), Set(&Is(TEXT))]);
const BLKIO_LIMIT: Shape = Closed(&[("path", Is(TEXT)), ("rate", Is(INTEGER | TEXT))]);
const BLKIO_WEIGHT: Shape = Closed(&[("path", Is(TEXT)), ("weight", Is(INTEGER | TEXT))]);
const SERVICE_CONFIG_OR_SECRET: Shape = List(&Either(&[
    Is(TEXT),
    Open(&[
        ("gid", Is(TEXT)),
        ("mode", Is(NUMBER | TEXT)),
        ("source", Is(TEXT)),
        ("target", Is(TEXT)),
        ("uid", Is(TEXT)),
    ]),
]));
const ULIMITS: Shape = NamedOrFree(
    Letters,
    &Either(&[
        Is(INTEGER | TEXT),
        Needs(&["soft", "hard"], &Open(&[("hard", Is(INTEGER | TEXT)), ("soft", Is(INTEGER | TEXT))])),
    ]),
);
