# syntax=docker/dockerfile:1
FROM alpine:3.20
RUN echo "첫 번째" \
    # 계속되는 줄의 주석
    && echo "두 번째"

COPY 웹 /srv/웹
USER nobody
CMD ["ls", "/srv/웹"]