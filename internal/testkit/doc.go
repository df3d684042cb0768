// Package testkit runs real servers for the tests of this module: Redis, Prometheus, Alertmanager, the platform's components as processes or
// in the process of the test, and a receiver of their traces and logs.
package testkit
