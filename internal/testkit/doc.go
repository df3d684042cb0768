// Package testkit runs the real parts that tests of this module need: a redis-server of their own, the platform's
// components as processes or in the process of the test, and a receiver of their traces and logs.
package testkit
