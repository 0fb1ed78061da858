use crate::semantic::Model;
use crate::syntax::parse;
use crate::text::Source;

#[test]
fn folders_follow_image_and_user() {
    for (text, want) in [
        ("FROM fedora:42\nRUN dnf install -y a", Some("/var/cache/libdnf5")),
        ("FROM fedora:40\nRUN dnf install -y a", Some("/var/cache/dnf")),
        ("FROM centos:7\nRUN yum install -y a", Some("/var/cache/yum")),
        ("FROM centos:centos7.9.2009\nRUN yum install -y a", Some("/var/cache/yum")),
        ("FROM amazonlinux:2\nRUN yum install -y a", Some("/var/cache/yum")),
        (
            "FROM registry.access.redhat.com/ubi7/ubi-minimal:latest\nRUN yum install -y a",
            Some("/var/cache/yum"),
        ),
        ("FROM amazonlinux:2023\nRUN dnf install -y a", Some("/var/cache/dnf")),
        ("FROM example.org/own\nRUN yum install -y a", None),
        ("FROM example.org/own\nRUN microdnf install -y a", Some("/var/cache/yum")),
        ("FROM python:3.13\nRUN pip install a", Some("/root/.cache/pip")),
        ("FROM python:3.13\nUSER me\nRUN pip install a", None),
        ("FROM example.org/own\nRUN npm ci", None),
        ("FROM node:22\nENV HOME=/h/\nRUN npm ci", Some("/h/.npm")),
        ("FROM python:3.13\nRUN HOME=/h pip install a", Some("/h/.cache/pip")),
        ("FROM node:22\nARG HOME\nRUN npm ci", None),
        ("FROM alpine:3.22\nRUN apk add a", Some("/var/cache/apk")),
    ] {
        let file = parse(Source::from_text("Dockerfile", format!("{text}\n")));
        let model = Model::new(file.clone());
        let step = file.instructions.len() - 1;
        assert!(!model.leftovers(step).is_empty(), "{text}");
        assert_eq!(model.folder(&model.leftovers(step)[0]).as_deref(), want, "{text}");
    }
}

#[test]
fn images_of_ruby_keep_gems() {
    for (run, want) in [
        ("gem install rails", 1),
        ("bundle install", 1),
        ("gem install bundler:2.5.6", 0),
        ("bundle install && rm -rf /usr/local/bundle/cache/*.gem", 0),
        ("bundle install && rm -rf \"${GEM_HOME}\"/cache", 0),
        ("bundle install && find /usr/local/bundle -name '*.gem' -delete", 0),
        ("BUNDLE_PATH=/gems bundle install", 0),
        ("bundle config set deployment true && bundle install", 0),
        ("bundle install && bundle clean", 1),
    ] {
        let file = parse(Source::from_text("Dockerfile", format!("FROM ruby:3.3\nRUN {run}\n")));
        assert_eq!(Model::new(file).leftovers(1).len(), want, "{run}");
    }
}

#[test]
fn runs_leave_what_they_do_not_remove() {
    for (run, want) in [
        ("apt-get update && apt-get install -y a", "apt:1"),
        ("apt-get install --update -y a", "apt:1"),
        ("apt-get update; rm -rf /var/lib/apt/lists*", ""),
        ("rm -rf /var/lib/apt/lists/* && apt-get update", "apt:1"),
        ("d=/var/lib/apt; apt-get update; rm -r $d", ""),
        ("apk update && apk add a && apk add --no-cache b", "apk:2"),
        ("apk add a && rm /var/cache/apk/APKINDEX*", ""),
        ("find / -type f | xargs -rt apk add --no-network --virtual .run", ""),
        ("yum -y install a && dnf -y clean all", ""),
        ("yum -y install a && yum clean metadata", "yum:1"),
        ("pacman -Syu --noconfirm git && yes | pacman -Scc", ""),
        ("pacman -Syu --noconfirm git", "pacman:1"),
        ("yarn --frozen-lockfile && npm ci", "yarn:1 npm:1"),
        ("yarn --version && yarn build", ""),
        ("yarn install && rm /usr/local/bin/yarn", "yarn:1"),
        ("PIP_CACHE_DIR=/tmp/x pip install a", ""),
        ("pip install $(cat flags)", ""),
        ("conda install -y a && conda clean -afy", ""),
        ("npm_config_cache=/app/.cache npm ci", "npm:1"),
        ("npm_config_cache=$X npm ci", ""),
        ("--mount=type=cache,target=/app npm_config_cache=/app/.cache npm ci", ""),
        ("npm_config_cache=/app/.cache npm ci && rm -rf /app/.cache", ""),
        ("rm -f /etc/apt/apt.conf.d/docker-clean; apt-get install -y gcc", "apt:1"),
        ("unlink /etc/apt/apt.conf.d/docker-clean; apt-get install -y gcc; apt-get upgrade -y", "apt:2"),
        ("apt-get install -y gcc; rm -f /etc/apt/apt.conf.d/docker-clean", ""),
        ("rm -f /etc/apt/apt.conf.d/docker-clean; apt install -y gcc", ""),
        ("rm -f /etc/apt/apt.conf.d/docker-clean; apt-get install -y gcc; apt-get clean", ""),
        (
            "rm -f /etc/apt/apt.conf.d/docker-clean; apt-get install -y gcc; rm /var/cache/apt/archives/*.deb",
            "",
        ),
        (
            "--mount=type=cache,target=/var/cache/apt rm /etc/apt/apt.conf.d/docker-clean; apt-get install -y gcc",
            "",
        ),
        (
            "--mount=type=cache,target=/var/lib/apt/lists rm /etc/apt/apt.conf.d/docker-clean; apt-get update; apt-get install -y gcc",
            "apt:1",
        ),
        ("UV_LINK_MODE=copy uv pip install --system a", "uv:1"),
        ("uv pip install --system --link-mode=copy a", "uv:1"),
        ("UV_LINK_MODE=copy uv pip install --system --no-cache a", ""),
        ("uv pip install --system a", ""),
        ("gem install rails", ""),
        ("--mount=type=cache,target=/home/me/.npm npm ci", "npm:1"),
        ("--mount=type=cache,target=~/.npm npm ci", "npm:1"),
        ("--mount=type=cache,target=$HOME/.npm npm ci", "npm:1"),
    ] {
        let file = parse(Source::from_text("Dockerfile", format!("FROM debian:12\nRUN {run}\n")));
        let model = Model::new(file.clone());
        let found: Vec<String> = model
            .leftovers(1)
            .iter()
            .map(|l| format!("{}:{}", l.manager.id.name(), l.commands.len()))
            .collect();
        assert_eq!(found.join(" "), want, "{run}");
    }
}
