#!/bin/bash
if grep -qx 42 /logs/artifacts/answer; then echo 1; else echo 0; fi >/logs/verifier/reward.txt
