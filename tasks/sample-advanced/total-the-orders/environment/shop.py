"""Gives the ledger's orders a page at a time."""
import json
import os
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse
from urllib.request import urlopen


class Pages(BaseHTTPRequestHandler):
    def do_GET(self):
        page = int(parse_qs(urlparse(self.path).query).get("page", ["1"])[0])
        orders = json.load(urlopen(os.environ["DATABASE"]))
        body = json.dumps(orders[(page - 1) * 10 : page * 10]).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


HTTPServer(("", 8000), Pages).serve_forever()
