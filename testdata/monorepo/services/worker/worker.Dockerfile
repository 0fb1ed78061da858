ARG PYTHON=3.12
FROM python:${PYTHON}-slim
WORKDIR worker
RUN cd /tmp && pip install redis
COPY worker.py .
CMD ["python", "worker.py"]
CMD ["python", "-u", "worker.py"]
