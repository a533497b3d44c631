#!/bin/bash
sqlite3 /app/stock.db <<'SQL'
CREATE TABLE stock (item TEXT PRIMARY KEY, amount INTEGER);
CREATE TEMP TABLE deliveries (item TEXT, amount INTEGER);
.mode csv
.import --skip 1 /app/deliveries.csv deliveries
INSERT INTO stock SELECT item, SUM(amount) FROM deliveries GROUP BY item;
SQL
