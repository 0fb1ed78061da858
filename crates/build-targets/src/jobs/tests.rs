use crate::files::Memory;
use crate::target::{Dockerfile, listed};

use super::*;

fn shown(path: &str, text: &str) -> String {
    let host = if path.contains("gitlab") { Host::Gitlab } else { Host::Github };
    let memory: Memory = [(path, text), ("app/Containerfile", "")].into_iter().collect();
    let resolution = resolve(&memory, Path::new(""), Path::new(path), host);
    listed(&resolution)
}

fn step(with: &str) -> String {
    let text = format!(
        "jobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: docker/build-push-action@v6\n        with:\n          push: true\n{with}"
    );
    shown(".github/workflows/ci.yml", &text)
}

fn run(script: &str) -> String {
    let script = script.replace('\n', "\n          ");
    let text = format!(
        "jobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          {script}\n"
    );
    shown(".github/workflows/ci.yml", &text)
}

#[test]
fn steps_of_the_action_are_builds() {
    for (with, expected) in [
        ("", "b: . Dockerfile\n"),
        ("          context: app\n", "b: app app/Dockerfile\n"),
        ("          context: app\n          file: docker/D\n", "b: app docker/D\n"),
        ("          context: '{{defaultContext}}:app'\n          file: D\n", "b: app app/D\n"),
        ("          context: ${{ matrix.dir }}\n", ""),
        ("          file: ${{ matrix.dir }}/D\n", "b: . ?\n"),
        ("          context: https://x/y.git#main\n", "b: https://x/y.git#main Dockerfile\n"),
        (
            "          target: t\n          platforms: linux/amd64,linux/arm64\n          build-args: |\n            A=1\n            B=${{ x }}\n            C\n          build-contexts: |\n            x=docker-image://y\n            z=./z\n",
            "b: . Dockerfile stage t A=1 B=? C=- on linux/amd64 on linux/arm64 x<-docker-image://y z<-z\n",
        ),
        (
            "          build-args: |\n            A=1\n            ${{ matrix.build_args }}\n",
            "b: . Dockerfile A=1 more\n",
        ),
        (
            "          platforms: |\n            linux/amd64,${{ inputs.more }}\n          build-args: |\n            \"A=1,2\"\n            \"B=say \"\"hi\"\"\"\n",
            "b: . Dockerfile A=1,2 B=say \"hi\" on linux/amd64 on ?\n",
        ),
    ] {
        assert_eq!(step(with), expected, "{with}");
    }
    let elsewhere = "jobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n        with: {path: sub}\n      - uses: docker/build-push-action@v6\n        with: {context: .}\n";
    assert_eq!(shown(".github/workflows/ci.yml", elsewhere), "");
    let other_commit = "jobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n        with: {ref: v1.x}\n      - uses: docker/build-push-action@v6\n        with: {context: .}\n";
    assert_eq!(shown(".github/workflows/ci.yml", other_commit), "");
    let same_commit = other_commit.replace("v1.x", "\"${{ github.sha }}\"");
    assert_eq!(shown(".github/workflows/ci.yml", &same_commit), "b: . Dockerfile\n");
    let no_checkout = "jobs:\n  b:\n    steps:\n      - uses: docker/build-push-action@v6\n        with: {context: .}\n      - run: docker build .\n";
    assert_eq!(shown(".github/workflows/ci.yml", no_checkout), "");
}

#[test]
fn lines_of_scripts_are_builds_where_they_are_sure() {
    for (script, expected) in [
        ("docker build .", "b: . Dockerfile\n"),
        (
            "docker build -t x:$TAG -f docker/D --target=t --build-arg A=1 app",
            "b: app docker/D stage t A=1\n",
        ),
        (
            "docker buildx build \\\n  --platform linux/amd64,linux/arm64 \\\n  --push .",
            "b: . Dockerfile on linux/amd64 on linux/arm64\n",
        ),
        ("docker build --build-arg \"A=$X\" --build-arg B --target=$T \"$DIR\"", "b: ? ? stage ? B=- A=?\n"),
        ("sudo podman build app", "b: app app/Containerfile\n"),
        ("buildah bud -f D -t x", "b: . D\n"),
        ("docker build . && docker push x", "b: . Dockerfile\n"),
        ("if true; then\n  docker build .\nfi", "b: . Dockerfile\n"),
        ("if true; then cd x\nfi\ndocker build .", ""),
        ("(cd x\ndocker build .)", ""),
        ("(cd app\ndocker build .)\ndocker build .", "b: app app/Dockerfile\nb: . Dockerfile\n"),
        ("(cd app && docker build .) && docker build .", "b: app app/Dockerfile\nb: . Dockerfile\n"),
        ("cd app && docker build .", "b: app app/Dockerfile\n"),
        ("cd app && docker build -f D .. && cd .. && docker build .", "b: . app/D\nb: . Dockerfile\n"),
        ("true && cd app && docker build .\ndocker build .", "b: app app/Dockerfile\n"),
        ("true &&\ncd app &&\ndocker build .", "b: app app/Dockerfile\n"),
        ("cd app || docker build .", ""),
        ("cd app & docker build .", ""),
        ("cd app | docker build .", ""),
        ("cd - && docker build .", ""),
        ("cd $X\ndocker build .", ""),
        ("pushd app\ndocker build .\npopd\ndocker build .", "b: app app/Dockerfile\nb: . Dockerfile\n"),
        ("pushd app > /dev/null && docker build . && popd", "b: app app/Dockerfile\n"),
        ("cd app\npushd ..\npopd\ndocker build .", "b: app app/Dockerfile\n"),
        ("pushd app\ncd ..\npopd\ndocker build .", "b: . Dockerfile\n"),
        ("popd\ndocker build .", ""),
        ("pushd\ndocker build .", ""),
        ("pushd +1\ndocker build .", ""),
        ("pushd elsewhere\ndocker build .", ""),
        ("if true\nthen\n  cd app\nfi\ndocker build .", ""),
        ("f() {\n  cd app\n}\ndocker build .", ""),
        ("for x in a; do\ncd app\ndone\ndocker build .", ""),
        ("f() {\n  x\n}\ncd app\ndocker build .", "b: app app/Dockerfile\n"),
        ("docker build $FLAGS .", ""),
        ("docker build -t $(git describe) .", "b: . Dockerfile\n"),
        ("cd app\ndocker build .", "b: app app/Dockerfile\n"),
        ("docker build -t \"x:$(git rev-parse HEAD)\" app", "b: app app/Dockerfile\n"),
        ("docker build -t \"x:$(date | tr ' ' _)\" app", ""),
        ("docker build $(cat flags) app", ""),
        ("docker build \"$(pwd)\"", "b: . Dockerfile\n"),
        ("docker build -f `pwd`/D \"`pwd`\"", "b: . D\n"),
        ("docker build `ls`", ""),
        ("cd app && docker build -f $PWD/D ${PWD}/..", "b: . app/D\n"),
        ("docker build '$PWD'", "b: $PWD $PWD/Dockerfile\n"),
        ("docker build $PWDS", ""),
        (
            "docker buildx b --platform=linux/amd64 --platform linux/arm64,linux/amd64 .",
            "b: . Dockerfile on linux/amd64 on linux/arm64\n",
        ),
        ("DOCKER_BUILDKIT=1 X=$Y docker build app", "b: app app/Dockerfile\n"),
        ("time docker build app", "b: app app/Dockerfile\n"),
        ("sudo -E env A=1 docker build app", "b: app app/Dockerfile\n"),
        ("if [ -n \"$X\" ]; then docker build app; fi", "b: app app/Dockerfile\n"),
        ("for i in 1 2 3; do docker build app && break; done", "b: app app/Dockerfile\n"),
        ("if ! docker build app; then exit 1; fi", "b: app app/Dockerfile\n"),
        ("timeout -k 5 10m docker build app", "b: app app/Dockerfile\n"),
        ("nice -n 5 sudo -u ci docker build app", "b: app app/Dockerfile\n"),
        ("docker --debug --context far -l warn build app", "b: app app/Dockerfile\n"),
        ("docker buildx --builder b --debug build app", "b: app app/Dockerfile\n"),
        ("docker buildx --builder b build --builder c app", "b: app app/Dockerfile\n"),
        ("podman --remote --url x build app", "b: app app/Containerfile\n"),
        ("docker buildx --builder b prune app", ""),
        ("docker build -qt x app", "b: app app/Dockerfile\n"),
        ("docker build -qfdocker/D app", "b: app docker/D\n"),
        ("docker build -t x app 2>&1 | tee log", "b: app app/Dockerfile\n"),
        ("docker build app 2>/dev/null", "b: app app/Dockerfile\n"),
        ("docker build app >log 2>&1 </dev/null", "b: app app/Dockerfile\n"),
        ("docker build app &> log", "b: app app/Dockerfile\n"),
        ("docker build app 2 >log", ""),
        ("cp app/Dockerfile Dockerfile 2>/dev/null\ndocker build .", ""),
        ("a.b=1 docker build app", ""),
        ("1=1 docker build app", ""),
        ("docker build - < D", ""),
        ("echo x | docker build -f - .", ""),
        ("cat <<EOF\ndocker build .\nEOF", ""),
        ("echo docker build .", ""),
        ("# docker build .", ""),
        ("docker build -t ${{ env.X }} .", "b: . Dockerfile\n"),
        ("docker build --no-cache --label 'a b' .", "b: . Dockerfile\n"),
        ("docker build https://github.com/x/y.git", "b: https://github.com/x/y.git Dockerfile\n"),
        ("docker build a b", ""),
        ("docker build 'un", ""),
    ] {
        assert_eq!(run(script), expected, "{script}");
    }
}

#[test]
fn the_folder_of_a_step_counts() {
    let text = "defaults: {run: {working-directory: top}}\njobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n      - run: docker build .\n      - run: docker build -f D ..\n        working-directory: app\n      - run: docker build .\n        working-directory: ${{ x }}\n      - run: docker build .\n        shell: pwsh\n";
    assert_eq!(shown(".github/workflows/ci.yml", text), "b: top top/Dockerfile\nb: . app/D\n");
}

#[test]
fn jobs_of_gitlab() {
    let text = "stages: [build]\nvariables: {X: y}\n.t:\n  script: docker build hidden\nbuild:\n  before_script:\n    - docker login\n  script:\n    - docker build -t $CI_REGISTRY_IMAGE .\n    - - docker build app\n    - cd app\n    - docker build .\nother:\n  script: docker build -f D .\n";
    assert_eq!(
        shown(".gitlab-ci.yml", text),
        "build: . Dockerfile\nbuild: app app/Dockerfile\nbuild: app app/Dockerfile\nother: . D\n"
    );
    // What a job takes over may change the folder first.
    for job in [
        "  extends: .t\n  script: docker build .\n",
        "  <<: *t\n  script: docker build .\n",
        "  script:\n    - !reference [.t, before_script]\n    - docker build .\n",
    ] {
        let text = format!(".t: &t\n  before_script: [cd sub]\nbuild:\n{job}");
        assert_eq!(shown(".gitlab-ci.yml", &text), "", "{job}");
    }
    let own = ".t:\n  before_script: [cd sub]\nbuild:\n  extends: .t\n  before_script: []\n  script: docker build .\n";
    assert_eq!(shown(".gitlab-ci.yml", own), "build: . Dockerfile\n");
}

#[test]
fn places_go_through_the_block_of_the_script() {
    let text = "jobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          echo x\n          docker build \\\n            -f app/D app\n";
    let memory: Memory = [("w.yml", text)].into_iter().collect();
    let resolution = resolve(&memory, Path::new(""), Path::new("w.yml"), Host::Github);
    let target = &resolution.targets[0];
    let Dockerfile::File { text: Some(file), .. } = &target.dockerfile else { panic!() };
    assert_eq!(&text[file.place.span()], "app/D");
    assert!(text[target.place.span()].starts_with("docker build \\"));
}

#[test]
fn files_that_are_at_fault_or_large() {
    assert!(
        shown(".gitlab-ci.yml", "a: [\n").contains('\u{60}') || !shown(".gitlab-ci.yml", "a: [\n").is_empty()
    );
    let many = format!("b:\n  script:\n{}", "    - docker build .\n".repeat(3000));
    assert_eq!(shown(".gitlab-ci.yml", &many).lines().count(), MOST);
    let odd = format!("b:\n  script: |\n{}", "    docker build \"$x ${y `$ \\\n".repeat(3000));
    assert_eq!(shown(".gitlab-ci.yml", &odd), "");
}

#[test]
fn what_steps_have_changed_before_a_build_is_not_what_is_read() {
    let built = |before: &str, step: &str| {
        let text = format!(
            "jobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n      - run: {before}\n{step}"
        );
        let files = bake_files(&text);
        listed(&resolve(&files, Path::new(""), Path::new("w.yml"), Host::Github))
    };
    let run = "      - run: docker build .\n";
    let local = "      - uses: docker/build-push-action@v6\n        with: {context: .}\n";
    let remote = "      - uses: docker/build-push-action@v6\n";
    let bake = "      - uses: docker/bake-action@v6\n        with: {files: ci/b.hcl, targets: api}\n";
    let (build, api) = ("b: . Dockerfile\n", "api: . Dockerfile B=v C=c\n");
    for before in ["git checkout v1", "sed -i s/a/b/ Dockerfile"] {
        for step in [run, local, bake] {
            assert_eq!(built(before, step), "", "{before} {step}");
        }
        // Without a context the action builds the commit, and nothing of what lies here.
        assert_eq!(built(before, remote), build);
    }
    for (before, step, expected) in [
        ("sed -i s/a/b/ ci/b.hcl", bake, ""),
        ("sed -i s/a/b/ x", bake, api),
        ("sed -i s/a/b/ x", run, build),
    ] {
        assert_eq!(built(before, step), expected, "{before} {step}");
    }
}

/// What a step of bake builds of two files.
fn bake(with: &str) -> Resolution {
    let text = format!(
        "jobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n      - uses: docker/bake-action@v7\n        with:\n{with}"
    );
    resolve(&bake_files(&text), Path::new(""), Path::new("w.yml"), Host::Github)
}

fn bake_files(workflow: &str) -> Memory {
    [
        ("w.yml", workflow),
        ("docker-bake.hcl", "target \"default\" {\n  args = { A = \"file\" }\n}\n"),
        ("ci/bad.hcl", "target\n"),
        (
            "ci/b.hcl",
            "variable \"V\" { default = \"v\" }\ngroup \"all\" { targets = [\"web\", \"api\"] }\n\
             target \"_base\" { args = { B = V } }\n\
             target \"web\" {\n  inherits = [\"_base\"]\n  context = \"web\"\n  platforms = [\"linux/amd64\"]\n}\n\
             target \"api\" {\n  inherits = [\"_base\"]\n  args = { C = \"c\" }\n}\n",
        ),
    ]
    .into_iter()
    .collect()
}

#[test]
fn steps_of_bake_set_what_the_files_leave_open() {
    for (with, expected) in [
        // Without targets and values all are there, as the file says; what bake finds by itself is not repeated.
        ("          push: true\n", ""),
        (
            "          files: ci/b.hcl\n",
            "_base: . Dockerfile B=v\nweb: web web/Dockerfile B=v on linux/amd64\napi: . Dockerfile B=v C=c\n",
        ),
        (
            "          files: ci/b.hcl\n          targets: web\n",
            "web: web web/Dockerfile B=v on linux/amd64\n",
        ),
        (
            "          files: ci/b.hcl\n          targets: all\n          set: |\n            *.args.X=1,\"2\"\n\n            api.args.C=\n            web.platform=linux/arm64\n            web.platform=linux/s390x\n",
            "web: web web/Dockerfile B=v X=1,\"2\" on linux/arm64 on linux/s390x\napi: . Dockerfile B=v C= X=1,\"2\"\n",
        ),
        (
            "          set: |\n            *.args.A=${{ github.sha }}\n            *.args.D\n            default.context=app\n            default.dockerfile=D\n            default.target=t\n            *.contexts.x=docker-image://y\n            *.cache-from=type=gha\n",
            "default: app app/D stage t A=? D=? x<-docker-image://y\n",
        ),
        // What is inherited may be set as well, and a name may have dots behind.
        (
            "          files: ci/b.hcl\n          targets: web,api\n          set: _base.args.a.b=1\n",
            "web: web web/Dockerfile B=v a.b=1 on linux/amd64\napi: . Dockerfile B=v C=c a.b=1\n",
        ),
        // Where it is not sure what is set or built, all are there as the file says.
        (
            "          files: ci/b.hcl\n          targets: ${{ matrix.t }}\n          set: '*.args.X=1'\n",
            "_base: . Dockerfile B=v\nweb: web web/Dockerfile B=v on linux/amd64\napi: . Dockerfile B=v C=c\n",
        ),
        ("          set: ${{ steps.x.outputs.set }}\n", ""),
        // What bake refuses is not built, and said.
        ("          set: none.args.X=1\n", "no target is called `none`\n"),
        ("          files: ci/b.hcl\n          set: '*.args.X=1'\n", "there is no target called `default`\n"),
        ("          files: ci/b.hcl\n          targets: gone\n", "there is no target called `gone`\n"),
        ("          files: gone.hcl\n          targets: web\n", "there is no file `gone.hcl`\n"),
        ("          files: ci/bad.hcl\n", "expected `=`, a label or `{`, found the end of the line\n"),
        // What an expression stands for may have it.
        ("          files: ci/b.hcl,${{ steps.meta.outputs.bake-file }}\n          targets: gone\n", ""),
    ] {
        assert_eq!(listed(&bake(with)), expected, "{with}");
    }
    let found = bake("          files: ci/b.hcl\n          targets: gone\n");
    let place = found.problems[0].place.unwrap();
    assert_eq!(&found.sources.file(place.file).text[place.span()], "gone");
    // A step before it may make the file.
    let step = "      - uses: docker/bake-action@v7\n        with:\n          files: gone.hcl\n";
    let run = "      - run: make gone.hcl\n";
    let download = "      - uses: actions/download-artifact@v4\n";
    for (before, expected) in [("", "there is no file `gone.hcl`\n"), (run, ""), (download, "")] {
        let text = format!("jobs:\n  b:\n    steps:\n      - uses: actions/checkout@v4\n{before}{step}");
        let found = resolve(&bake_files(&text), Path::new(""), Path::new("w.yml"), Host::Github);
        assert_eq!(listed(&found), expected, "{before}");
    }
    // The cache alone makes no other build, and the same once more neither.
    let cached = "          targets: default\n          set: '*.cache-from=type=gha'\n";
    let again = "      - uses: docker/bake-action@v7\n        with:\n          targets: default\n";
    assert_eq!(listed(&bake(&format!("{cached}{again}"))), "default: . Dockerfile A=file\n");
    assert_eq!(listed(&bake("          set: '*.cache-from=type=gha'\n")), "");
    // The build is said to be where the step is, and the value where it is set.
    let found = bake("          set: |\n            # no\n            *.args.A=größe\n");
    assert_eq!(listed(&found), "", "a comment is a value without a key");
    let found = bake("          set: |\n            *.args.B=b\n            *.args.A=größe\n");
    let text = |place: Place| found.sources.file(place.file).text[place.span()].to_owned();
    assert_eq!(text(found.targets[0].place), "docker/bake-action@v7");
    let set = found.targets[0].arguments[0].value.as_ref().unwrap();
    assert_eq!((set.value.as_deref(), text(set.place)), (Some("größe"), "*.args.A=größe".to_owned()));
}

#[test]
fn the_reusable_workflows_of_docker_build_for_others() {
    let job = |uses: &str, with: &str| {
        let text = format!(
            "jobs:\n  b:\n    uses: docker/github-builder/.github/workflows/{uses}.yml@v1\n    with:\n{with}"
        );
        let files = bake_files(&text);
        listed(&resolve(&files, Path::new(""), Path::new("w.yml"), Host::Github))
    };
    let with = "      output: image\n      context: app\n      build-args: A=1\n      platforms: linux/amd64,linux/arm64\n";
    assert_eq!(job("build", with), "b: app app/Dockerfile A=1 on linux/amd64 on linux/arm64\n");
    for (with, expected) in [
        ("      target: default\n", "default: . Dockerfile A=file\n"),
        (
            "      target: web\n      files: ci/b.hcl\n      vars: V=1\n      set: '*.args.X=2'\n",
            "web: web web/Dockerfile B=1 X=2 on linux/amd64\n",
        ),
        (
            "      target: web\n      context: ci\n      files: b.hcl\n",
            "web: ci/web ci/web/Dockerfile B=v on linux/amd64\n",
        ),
        ("      target: web\n      files: ci/b.hcl\n      vars: V=${{ x }}\n", ""),
        ("      target: default\n      set: default.args.A=\n", "default: . Dockerfile A=\n"),
    ] {
        assert_eq!(job("bake", with), expected, "{with}");
    }
}

fn matrix(matrix: &str, steps: &str) -> String {
    let indented =
        |text: &str, by: &str| -> String { text.lines().map(|line| format!("{by}{line}\n")).collect() };
    let text = format!(
        "jobs:\n  b:\n    strategy:\n      matrix:\n{}    steps:\n      - uses: actions/checkout@v4\n{}",
        indented(matrix, "        "),
        indented(steps, "      ")
    );
    shown(".github/workflows/ci.yml", &text)
}

const OF_APP: &str = "- uses: docker/build-push-action@v6\n  with:\n    context: ${{ matrix.app }}\n    \
                      build-args: V=${{ matrix.v }}\n";

#[test]
fn each_run_of_a_matrix_is_a_build() {
    for (rows, expected) in [
        (
            "app: [api, web]\nv: [1.10]\n",
            "b (api, 1.1): api api/Dockerfile V=1.1\nb (web, 1.1): web web/Dockerfile V=1.1\n",
        ),
        ("app: [api]\nv: ['1.10']\nos: [a, b]\n", "b: api api/Dockerfile V=1.10\n"),
        (
            "app: [api, web]\nv: [1, 2]\nexclude:\n  - {app: api, v: 2}\n  - {v: 1, app: web}\n",
            "b (api, 1): api api/Dockerfile V=1\nb (web, 2): web web/Dockerfile V=2\n",
        ),
        // What is not there is nothing, as GitHub has it.
        (
            "include:\n  - {app: api, v: x}\n  - {app: web}\n",
            "b (api, x): api api/Dockerfile V=x\nb (web): web web/Dockerfile V=\n",
        ),
        (
            "app: [api, web]\ninclude:\n  - {v: 1}\n  - {app: web, v: 2}\n  - {app: new}\n",
            "b (api, 1): api api/Dockerfile V=1\nb (web, 2): web web/Dockerfile V=2\nb (new): new new/Dockerfile V=\n",
        ),
        // What an expression says stays unknown.
        ("app: [api]\nv: ${{ fromJSON(x) }}\n", "b: api api/Dockerfile V=?\n"),
        ("app: [api]\ninclude: ${{ fromJSON(x) }}\n", "b: api api/Dockerfile V=?\n"),
        ("app: [api, '${{ x }}']\nv: [1]\n", "b: api api/Dockerfile V=1\n"),
        ("app: [api]\nv: [1]\nexclude: ${{ fromJSON(x) }}\n", ""),
        // What nobody uses tells no runs apart, but may decide which there are.
        (
            "app: [api, web]\nv: [1]\nos: [a, b]\nexclude:\n  - {os: a}\n  - {os: b, app: web}\n",
            "b: api api/Dockerfile V=1\n",
        ),
        ("os: [a, b]\ninclude:\n  - {app: api, v: 1}\n", "b: api api/Dockerfile V=1\n"),
    ] {
        assert_eq!(matrix(rows, OF_APP), expected, "{rows}");
    }
    let many =
        format!("app: [{}]\nv: [1, 2]\n", (0..200).map(|n| format!("a{n}")).collect::<Vec<_>>().join(", "));
    assert_eq!(matrix(&many, OF_APP), "");
    // What no run could be told from is bounded.
    let keys: String = (0..100_000).map(|n| format!("k{n}: [1]\n")).collect();
    assert_eq!(matrix(&format!("{keys}app: [api]\nv: [1]\n"), OF_APP), "");
    let more: String = (0..10_000).map(|n| format!("  - {{k{n}: 1}}\n")).collect();
    assert_eq!(matrix(&format!("app: [api]\nv: [1]\ninclude:\n{more}"), OF_APP), "");
    let mut bomb = "a0: &a0 [1]\n".to_owned();
    for level in 1..5 {
        let one = format!("*a{}", level - 1);
        bomb += &format!("a{level}: &a{level} [{}]\n", [&*one; 10].join(", "));
    }
    assert_eq!(matrix(&format!("{bomb}app: [api]\nv: [*a4]\n"), OF_APP), "");
    assert_eq!(matrix("app: [api, web]\n", &format!("{OF_APP}  if: matrix.app == 'api'\n")), "");
}

#[test]
fn steps_that_an_alias_stands_for_use_the_matrix_of_their_own_job() {
    let text = "jobs:\n  one:\n    strategy:\n      matrix: {app: [api], v: [1]}\n    steps: &steps\n      - uses: actions/checkout@v4\n\
                \x20     - uses: docker/build-push-action@v6\n        with:\n          context: ${{ matrix.app }}\n          \
                build-args: V=${{ matrix.v }}\n  two:\n    strategy:\n      matrix: {app: [web], v: [2, 3]}\n    steps: *steps\n";
    let expected = "one: api api/Dockerfile V=1\ntwo (web, 2): web web/Dockerfile V=2\ntwo (web, 3): web web/Dockerfile V=3\n";
    assert_eq!(shown(".github/workflows/ci.yml", text), expected);
}

#[test]
fn a_matrix_may_have_maps_and_scripts_use_it() {
    let rows = "app:\n  - {dir: app, file: Containerfile}\n  - {dir: web, file: a b}\n";
    let step =
        "- run: docker build -f \"${{ matrix.app.dir }}/${{ matrix.app.file }}\" ${{ matrix.app.dir }}\n";
    assert_eq!(matrix(rows, step), "b (app, Containerfile): app app/Containerfile\nb (web, a b): web ?\n");
    let step =
        "- run: docker build --build-arg V=${{ matrix.v }} .\n  working-directory: ${{ matrix.dir }}\n";
    assert_eq!(
        matrix("dir: [app]\nv: [3.12, 'a; b']\n", step),
        "b (app, 3.12): app app/Dockerfile V=3.12\nb (app, a; b): app app/Dockerfile V=?\n"
    );
}

mod variables;
