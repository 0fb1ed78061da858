import os

import psycopg2
from flask import Flask, jsonify, render_template

app = Flask(__name__)


def connect():
    return psycopg2.connect(os.environ["DATABASE_URL"])


@app.get("/")
def index():
    with connect() as db, db.cursor() as cursor:
        cursor.execute("SELECT title, author FROM books ORDER BY title")
        books = cursor.fetchall()
    return render_template("index.html", books=books)


@app.get("/healthz")
def healthz():
    return jsonify(status="ok")
