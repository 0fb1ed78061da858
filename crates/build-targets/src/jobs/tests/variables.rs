//! Variables of workflows and of jobs of GitLab.

use super::*;

#[test]
fn jobs_of_gitlab_take_over_from_others() {
    for (text, expected) in [
        ("variables: {DIR: api}\nb:\n  script: docker build $DIR\n", "b: api api/Dockerfile\n"),
        ("b:\n  script: docker build $CI_PROJECT_DIR/api\n", "b: api api/Dockerfile\n"),
        ("b:\n  script: [cd app, docker build $CI_PROJECT_DIR/api]\n", ""),
        (".t: &t {script: [docker build api]}\nb: {<<: *t}\n", "b: api api/Dockerfile\n"),
        (
            ".t: {script: [docker build $D], variables: {D: api, E: x}}\nb: {extends: .t, variables: {D: web}}\n",
            "b: web web/Dockerfile\n",
        ),
        (
            ".t: {before_script: [cd app]}\nb: {extends: [.u, .t], script: docker build .}\n.u: {}\n",
            "b: app app/Dockerfile\n",
        ),
        ("b: {extends: .elsewhere, script: docker build .}\n", ""),
        (
            "variables: {D: api}\nb: {extends: .elsewhere, before_script: [x], script: [docker build $D, docker build .]}\n",
            "b: . Dockerfile\n",
        ),
        (
            "variables: {D: api, E: web}\nb: {rules: [{if: x, variables: {D: x}}], script: [docker build $D, docker build $E]}\n",
            "b: web web/Dockerfile\n",
        ),
        (
            "workflow: {rules: [{variables: {D: x}}]}\nvariables: {D: api}\nb: {script: docker build $D}\nc: {variables: {D: web}, script: docker build $D}\n",
            "c: web web/Dockerfile\n",
        ),
        (
            ".t: {script: [docker build api]}\nb:\n  script: [!reference [.t, script], docker build web]\n",
            "b: api api/Dockerfile\nb: web web/Dockerfile\n",
        ),
        ("b:\n  script: [!reference [.elsewhere, script], docker build web]\n", ""),
        (
            "b:\n  parallel: {matrix: [{D: [api, web]}]}\n  script: docker build $D\n",
            "b (api): api api/Dockerfile\nb (web): web web/Dockerfile\n",
        ),
        // A variable that a line sets, or that is made of others, is not known.
        ("variables: {DIR: api}\nb:\n  script: [DIR=web, docker build $DIR]\n", ""),
        ("variables: {DIR: $X}\nb:\n  script: docker build $DIR\n", ""),
        ("variables: {DIR: api}\nb:\n  script: 'for DIR in x y; do docker build $DIR; done'\n", ""),
        ("variables: {DIR: api}\nb:\n  script: docker build '$DIR'\n", "b: $DIR $DIR/Dockerfile\n"),
        (".a: {extends: .b}\n.b: {extends: .a}\nb: {extends: .a, script: docker build .}\n", ""),
    ] {
        assert_eq!(shown(".gitlab-ci.yml", text), expected, "{text}");
    }
}

#[test]
fn variables_of_a_workflow_are_known() {
    let of = |top: &str, step: &str| {
        let text = format!(
            "{top}\njobs:\n  b:\n    env: {{J: job}}\n    steps:\n      - uses: actions/checkout@v4\n{step}\n"
        );
        shown(".github/workflows/ci.yml", &text)
    };
    let env = "env: {E: web, J: top}";
    for (step, expected) in [
        ("      - run: docker build $E", "b: web web/Dockerfile\n"),
        ("      - run: docker build ./${E}", "b: web web/Dockerfile\n"),
        ("      - run: docker build ${{ env.E }}", "b: web web/Dockerfile\n"),
        ("      - run: docker build $J", "b: job job/Dockerfile\n"),
        ("      - run: docker build $E\n        env: {E: step}", "b: step step/Dockerfile\n"),
        ("      - run: docker build -f ${{ env.E }}/Dockerfile .", "b: . web/Dockerfile\n"),
        ("      - run: docker build ${{ github.workspace }}/api", "b: api api/Dockerfile\n"),
        ("      - run: E=x; docker build $E", ""),
        (
            "      - uses: docker/build-push-action@v6\n        with: {context: \"${{ env.E }}\"}",
            "b: web web/Dockerfile\n",
        ),
        (
            "      - uses: docker/build-push-action@v6\n        with: {context: \"${{ github.workspace }}/api\", build-args: \"A=${{ github.workspace }}\"}",
            "b: api api/Dockerfile A=?\n",
        ),
        (
            "      - uses: docker/build-push-action@v6\n        with: {context: api, file: \"${{ github.workspace }}/api/D\"}",
            "b: api api/D\n",
        ),
        (
            "      - run: docker build $E\n        working-directory: ${{ github.workspace }}/x",
            "b: x/web x/web/Dockerfile\n",
        ),
        ("      - run: echo E=x >> $GITHUB_ENV\n      - run: docker build $E", ""),
    ] {
        assert_eq!(of(env, step), expected, "{step}");
    }
}

#[test]
fn variables_of_a_job_may_come_from_its_matrix() {
    let of = |steps: &str| {
        let text = format!(
            "env: {{TOP: x}}\njobs:\n  b:\n    strategy: {{matrix: {{dir: [api, web]}}}}\n    env: {{D: \"${{{{ matrix.dir }}}}\", E: \"${{{{ secrets.X }}}}\", TOP: \"${{{{ env.TOP }}}}/y\"}}\n    steps:\n      - uses: actions/checkout@v4\n{steps}\n"
        );
        shown(".github/workflows/ci.yml", &text)
    };
    let both = "b (api): api api/Dockerfile\nb (web): web web/Dockerfile\n";
    for (step, expected) in [
        ("      - run: docker build $D", both),
        ("      - run: docker build $F\n        env: {F: \"${{ env.D }}\"}", both),
        ("      - run: docker build $E", ""),
        ("      - run: docker build $TOP", "b: x/y x/y/Dockerfile\n"),
        // In which of the runs is not known.
        ("      - run: docker build $D\n        if: matrix.dir == 'api'", ""),
    ] {
        assert_eq!(of(step), expected, "{step}");
    }
}
