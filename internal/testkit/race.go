//go:build race

package testkit

// raceDetector reports whether tests, and the program that they build, use the race detector.
const raceDetector = true
