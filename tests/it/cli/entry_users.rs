//! Whom the containers of a service run as, and for how long.

use super::*;

#[test]
fn the_user_of_a_service_is_who_its_image_runs_as() {
    let folder = Folder::new();
    fs::create_dir(folder.path(".git")).unwrap();
    folder.write("Dockerfile", "FROM debian:12\nCOPY a /a\nCMD [\"/a\"]\n");
    folder.write("a", "#!/bin/sh\n");
    let found = |services: &str| {
        folder.write("compose.yaml", format!("services:\n{services}"));
        folder.run(&["--format", "short", "--select", "no-user"]).short()
    };
    let service = |name: &str, user: &str| format!("  {name}:\n    build: .\n{user}");
    let root = ["Dockerfile:3 no-user"];
    for user in ["3456:3456", "app", "${UID}:${GID}"] {
        assert!(found(&service("one", &format!("    user: {user}\n"))).is_empty(), "{user}");
    }
    for user in ["", "    user: root\n", "    user: \"0:0\"\n", "    user:\n"] {
        assert_eq!(found(&service("one", user)), root, "{user}");
    }
    assert!(found(&service("integration-tests", "")).is_empty());
    // One that is commented out is for whoever runs it, and a folder that is mounted is being worked on.
    for more in [
        "    # user: \"1000:1000\"\n",
        "    volumes: ['.:/app', 'modules:/app/node_modules']\n",
        "    volumes: [{type: bind, source: ./, target: /app}]\n",
    ] {
        assert!(found(&(service("one", more) + "volumes: {modules: }\n")).is_empty(), "{more}");
    }
    for more in
        ["    # users: 1\n", "    volumes: ['./a:/a:ro']\n", "    volumes: ['data:/app']\n", "  # user: 1\n"]
    {
        assert_eq!(found(&(service("one", more) + "volumes: {data: }\n")), root, "{more}");
    }
    // It does one thing and ends where another waits for that; who waits itself goes on.
    let waits = |name: &str, condition: &str| {
        format!("  app:\n    image: größe\n    depends_on: {{{name}: {{condition: {condition}}}}}\n")
    };
    let once = service("seed", "    restart: \"no\"\n");
    let ends = "service_completed_successfully";
    assert!(found(&(once.clone() + &waits("seed", ends))).is_empty());
    assert_eq!(found(&(once.clone() + &waits("seed", "service_started"))), root);
    assert_eq!(found(&(service("seed", "") + &once.replace("seed", "two") + &waits("two", ends))), root);
    let waiting = format!("    depends_on: {{seed: {{condition: {ends}}}}}\n");
    assert_eq!(found(&(once + &service("web", &waiting))), root);
    // One of the services that it is built for is enough.
    let both = service("one", "    user: app\n") + &service("two", "");
    assert_eq!(found(&both), root);
}
