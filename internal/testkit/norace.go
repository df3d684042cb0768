//go:build !race

package testkit

// raceDetector says whether tests, and so the program that they build, are under the race detector.
const raceDetector = false
