package machine

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
)

// setUpNetwork gives the machine its address, on a network card that leads nowhere: both ends of the cable are in the machine.
func setUpNetwork() error {
	const nowhere = "10.99.0.254" // the default route must lead to a neighbour
	for _, command := range []string{
		"link set lo up",
		"link add eth0 type veth peer name eth0-end",
		"address add " + Address + "/24 dev eth0",
		"link set eth0 up",
		"link set eth0-end up",
		"route add default via " + nowhere + " dev eth0",
		"neighbour add " + nowhere + " lladdr 02:00:00:00:00:01 dev eth0",
	} {
		output, err := exec.Command("ip", strings.Fields(command)...).CombinedOutput() //nolint:gosec,noctx // G204: constants; ends at once
		if err != nil {
			return fmt.Errorf("ip %s: %w: %s", command, err, output)
		}
	}
	return route()
}

// route lets the machine forward packets, also those that cross a bridge, where the kernel can.
func route() error {
	err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0)
	bridged := os.WriteFile("/proc/sys/net/bridge/bridge-nf-call-iptables", []byte("1"), 0)
	if errors.Is(bridged, fs.ErrNotExist) {
		bridged = nil
	}
	return errors.Join(err, bridged)
}
