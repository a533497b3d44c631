#!/bin/bash
mkdir -p /tmp/pack/bin && cp -p /app/flip /tmp/pack/bin/
tar -czf /app/flip.tar.gz -C /tmp/pack bin
