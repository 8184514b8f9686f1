#!/bin/sh
systemctl disable --now k3s.service k3s-agent.service 2> /dev/null
exit 0
