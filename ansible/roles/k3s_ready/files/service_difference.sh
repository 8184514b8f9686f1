#!/bin/sh
# service_difference.sh UNIT: what is to be done so that the unit runs with what lies on the disk, one word a line.
set -u
systemctl is-enabled --quiet "$1" 2> /dev/null || echo disabled
[ "$(systemctl show --property=NeedDaemonReload --value "$1")" = no ] || echo reload
case "$(systemctl is-active "$1")" in
  active | activating)
    [ "$(/var/lib/homeostat/k3s-settings-digest)" = "$(cat /run/homeostat-k3s/started-with)" ] || echo restart
    ;;
  *) echo start ;;
esac
