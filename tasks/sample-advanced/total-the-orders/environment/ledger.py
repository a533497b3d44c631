"""A database of orders behind HTTP: every order, as JSON."""
import json
import sqlite3
from http.server import BaseHTTPRequestHandler, HTTPServer

database = sqlite3.connect("/records/orders.db")
database.execute("CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY, amount INTEGER)")
if database.execute("SELECT COUNT(*) FROM orders").fetchone()[0] == 0:
    database.executemany("INSERT INTO orders (amount) VALUES (?)", [(n * n % 97,) for n in range(1, 58)])


class Orders(BaseHTTPRequestHandler):
    def do_GET(self):
        rows = database.execute("SELECT id, amount FROM orders ORDER BY id").fetchall()
        body = json.dumps([{"id": id, "amount": amount} for id, amount in rows]).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


HTTPServer(("", 9000), Orders).serve_forever()
