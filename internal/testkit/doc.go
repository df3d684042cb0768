// Package testkit runs the real parts that tests of this module need: a redis-server of their own,
// the platform's components as processes.
package testkit
