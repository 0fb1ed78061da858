//! `--image` with the name of an image in an engine, with programs that stand in for docker and podman.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::size::project;
use super::{Folder, Ran};

/// Adds a program that notes what it is told, and then does this.
fn program(folder: &Folder, name: &str, script: &str) {
    let path = folder.path("bin").join(name);
    let text = format!(
        "#!/bin/sh\necho \"{name} $*\" >> \"$LOG\"\nread -r line && echo input >> \"$LOG\"\n{script}\n"
    );
    folder.write(&format!("bin/{name}"), text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs with nothing but the folder's programs and the tools that they use on the PATH.
fn run(folder: &Folder, args: &[&str]) -> Ran {
    let tools = folder.path("tools");
    if !tools.exists() {
        fs::create_dir(&tools).unwrap();
        for tool in ["cat", "head", "sleep"] {
            let real = ["/bin", "/usr/bin"].map(|dir| std::path::Path::new(dir).join(tool));
            let real = real.into_iter().find(|path| path.exists()).unwrap();
            std::os::unix::fs::symlink(real, tools.join(tool)).unwrap();
        }
    }
    let path = format!("{}:{}", folder.path("bin").display(), tools.display());
    let log = folder.path("log").display().to_string();
    folder.run_with(&[("PATH", &path), ("LOG", &log)], args, "")
}

fn log(folder: &Folder) -> String {
    fs::read_to_string(folder.path("log")).unwrap_or_default()
}

#[test]
fn an_image_is_read_out_of_an_engine() {
    let folder = project();
    program(&folder, "docker", "cat app.tar");
    program(&folder, "podman", "cat app.tar");
    let sum = |args: &[&str]| run(&folder, args).json()["bytes"].clone();
    assert_eq!(sum(&["size", "--image", "docker:app:1", "--format", "json"]), 37_000_200);
    assert_eq!(sum(&["size", "--image", "podman:app", "--format", "json"]), 37_000_200);
    assert_eq!(sum(&["size", "Dockerfile", "--image", "localhost/app:1", "--format", "json"]), 37_000_200);
    assert_eq!(log(&folder), "docker save app:1\npodman image save app\ndocker save localhost/app:1\n");
}

#[test]
fn nothing_is_run_for_a_file_or_without_an_image() {
    let folder = project();
    program(&folder, "docker", "exit 1");
    program(&folder, "podman", "exit 1");
    folder.write("app", fs::read(folder.path("app.tar")).unwrap());
    for args in [
        &["size", "--image", "app"][..],
        &["size", "--image", "app.tar"],
        &["size", "--image", "./docker:app"],
        &["size", "--image", "none.tar.gz"],
        &["size", "--image", "docker:--help"],
        &["size"],
        &["."],
    ] {
        run(&folder, args);
        assert_eq!(log(&folder), "", "{args:?}");
    }
}

#[test]
fn podman_is_asked_where_docker_has_nothing() {
    let folder = project();
    program(&folder, "podman", "cat app.tar");
    assert_eq!(run(&folder, &["size", "--image", "app"]).code, 0);
    program(&folder, "docker", "echo 'Error response from daemon: reference does not exist' >&2; exit 1");
    assert_eq!(run(&folder, &["size", "--image", "app"]).code, 0);
    program(
        &folder,
        "docker",
        "echo 'Cannot connect to the Docker daemon at unix:///x. Is it running?' >&2; exit 1",
    );
    assert_eq!(run(&folder, &["size", "--image", "app"]).code, 0);
    // What fails otherwise is said.
    program(&folder, "docker", "echo 'no space left' >&2; exit 1");
    assert_eq!(run(&folder, &["size", "--image", "app"]).code, 2);
}

#[test]
fn each_failure_says_what_to_do() {
    let folder = project();
    let failed = |image: &str| {
        let ran = run(&folder, &["size", "--image", image]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{image}");
        ran.err
    };
    let missing = "dlint: `docker` is not on the PATH: install it, or write the image to a file where it is and pass that\n";
    assert_eq!(failed("docker:app"), missing);
    assert_eq!(
        failed("app:2"),
        "dlint: there is no file `app:2`, and neither docker nor podman is on the PATH to ask for an image of that name\n"
    );
    program(&folder, "docker", "echo 'Error response from daemon: No such image: app:latest' >&2; exit 1");
    assert_eq!(
        failed("docker:app"),
        "dlint: docker has no image `app`: `docker images` lists those that it has\n"
    );
    program(&folder, "docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
    assert_eq!(
        failed("docker:app"),
        "dlint: docker cannot reach its engine; start it, or check your permissions: Cannot connect to the Docker \
         daemon\n"
    );
    // Whatever the program says is shown in one line, without its control codes, and not without end.
    program(&folder, "docker", "printf '\\033[31mred\\a\\n' >&2; head -c 3000000 /dev/zero >&2; exit 3");
    let said = failed("docker:app");
    assert!(said.starts_with("dlint: docker cannot save the image `app`: "), "{said}");
    assert!(said.len() < 500 && !said.contains('\u{1b}') && !said.contains('\u{7}'), "{said:?}");
    program(&folder, "docker", "exit 7");
    assert!(failed("docker:app").ends_with("it ended with exit code 7 and said nothing\n"));
}

#[test]
fn a_program_that_writes_no_image_is_ended() {
    let folder = project();
    program(&folder, "docker", "echo this is no archive");
    let ran = run(&folder, &["size", "--image", "docker:app"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("dlint: docker:app: "), "{}", ran.err);
    // It would write for ever.
    program(&folder, "docker", "head -c 2000 app.tar; cat /dev/zero");
    assert_eq!(run(&folder, &["size", "--image", "docker:app"]).code, 2);
    // Cut off, with the reason.
    program(&folder, "docker", "head -c 2000000 app.tar; echo 'the layer is gone' >&2; exit 1");
    let ran = run(&folder, &["size", "--image", "docker:app"]);
    assert_eq!(ran.err, "dlint: docker cannot save the image `app`: the layer is gone\n");
}
