package api

import "time"

// Experiments is the catalog, with the run that goes on.
type Experiments struct {
	Available   bool             `json:"available" description:"false without the k6 binary: only replays can be started"`
	Reason      string           `json:"reason" description:"why experiments are unavailable, and what to do"`
	Run         *ExperimentRun   `json:"run" description:"the current run, else the last one, else null"`
	Experiments []ExperimentCard `json:"experiments" description:"in the order in which to do them"`
}

// ExperimentCard is an entry of the catalog.
type ExperimentCard struct {
	ID        string             `json:"id"`
	Title     string             `json:"title"`
	Question  string             `json:"question"`
	TakesSec  float64            `json:"takesSec" description:"about how long a run with the default number of rounds takes"`
	LengthSec float64            `json:"lengthSec" description:"duration of the load of one arm, or of the recording"`
	Last      *ExperimentVerdict `json:"last" description:"of the last run that ended; null if there is none"`
}

// ExperimentVerdict is what a run came to.
type ExperimentVerdict struct {
	Run     string    `json:"run"`
	EndedAt time.Time `json:"endedAt"`
	Repeats int       `json:"repeats"`
	Quick   bool      `json:"quick" description:"the times were halved"`
	Arm     string    `json:"arm" description:"the only arm that ran; empty: all"`
	Met     int       `json:"met" description:"promises that were met"`
	Of      int       `json:"of" description:"promises"`
	Report  string    `json:"report" description:"path of the page of the report"`
}

// ExperimentDetail is an experiment, whole.
type ExperimentDetail struct {
	ExperimentCard

	Mirrors     []ExperimentSource   `json:"mirrors" description:"the published results that it repeats"`
	Code        []ExperimentCode     `json:"code" description:"what makes the difference"`
	Setup       []string             `json:"setup" description:"settings of every arm"`
	Arms        []ExperimentArm      `json:"arms"`
	Streams     []string             `json:"streams" description:"the load, or what is replayed, in words"`
	Replay      bool                 `json:"replay" description:"alerts are tried on recorded samples: nothing is loaded or set, and there is one round"`
	Missing     string               `json:"missing" description:"the program without which it can't be started, and what to do; empty: it is there"`
	Disturbed   []ExperimentSpan     `json:"disturbed"`
	Promises    []ExperimentPromised `json:"promises"`
	Components  []string             `json:"components" description:"components that it sets something of"`
	Predictions []ExperimentQuestion `json:"predictions" description:"to be answered before a run"`
	Explanation string               `json:"explanation" description:"HTML"`
	Verdicts    []ExperimentVerdict  `json:"verdicts" description:"of all runs that are kept, newest first"`
	Result      *ExperimentResult    `json:"result" description:"of the last run; null if there is none"`
}

// ExperimentSource is a published result.
type ExperimentSource struct {
	Text string `json:"text"`
	URL  string `json:"url"`
}

// ExperimentCode is a place in the repository.
type ExperimentCode struct {
	File     string `json:"file"`
	Function string `json:"function"`
	What     string `json:"what"`
}

// ExperimentArm is one of the compared settings.
type ExperimentArm struct {
	ID    string   `json:"id"`
	Label string   `json:"label"`
	Set   []string `json:"set" description:"settings, in words; empty: the defaults"`
}

// ExperimentSpan is a disturbance.
type ExperimentSpan struct {
	Text   string  `json:"text"`
	AtSec  float64 `json:"atSec" description:"after the start of the load"`
	ForSec float64 `json:"forSec"`
}

// ExperimentQuestion asks for a prediction, by choices or by a slider.
type ExperimentQuestion struct {
	ID      string            `json:"id"`
	Text    string            `json:"text"`
	Choices []string          `json:"choices" description:"empty with a slider"`
	Answer  int               `json:"answer" description:"index of the right choice"`
	Slider  *ExperimentSlider `json:"slider" description:"null with choices"`
	Why     string            `json:"why"`
}

// ExperimentSlider asks for a number.
type ExperimentSlider struct {
	Min       float64 `json:"min"`
	Max       float64 `json:"max"`
	Step      float64 `json:"step"`
	Unit      string  `json:"unit" enum:"ratio,ms,s,per second,count,calls,times"`
	Answer    float64 `json:"answer" description:"the usual number, where a run measured none"`
	Tolerance float64 `json:"tolerance" description:"by how much a right prediction may differ"`
}

// ExperimentRun is the state of a run.
type ExperimentRun struct {
	Experiment string            `json:"experiment"`
	State      string            `json:"state" enum:"running,stopping,done,stopped,failed"`
	StartedAt  time.Time         `json:"startedAt"`
	EndedAt    *time.Time        `json:"endedAt"`
	Error      string            `json:"error" description:"why the run failed"`
	Arm        string            `json:"arm" description:"that runs now"`
	Round      int               `json:"round" description:"from 1"`
	Rounds     int               `json:"rounds"`
	Phase      string            `json:"phase" enum:",settling,preparing,loading,measuring,replaying"`
	ElapsedSec float64           `json:"elapsedSec" description:"of the load"`
	LengthSec  float64           `json:"lengthSec" description:"of the load"`
	LeftSec    float64           `json:"leftSec" description:"about how long the whole run still takes"`
	Disturbed  string            `json:"disturbed" description:"what disturbs the platform now"`
	Charts     []ExperimentChart `json:"charts" description:"of the rounds so far and of the current one"`
}

// ExperimentChart is a stream of one round, second by second from the start of the load.
type ExperimentChart struct {
	Arm     string    `json:"arm"`
	Round   int       `json:"round"`
	Stream  string    `json:"stream"`
	Due     []float64 `json:"due" description:"requests per second"`
	Good    []float64 `json:"good" description:"complete answers per second"`
	Refused []float64 `json:"refused" description:"requests per second"`
	P95Ms   []float64 `json:"p95Ms" description:"0 without answers"`
}

// ExperimentResult is what a run measured.
type ExperimentResult struct {
	ExperimentVerdict

	LengthSec  float64             `json:"lengthSec" description:"duration of the load of one arm"`
	Seed       int                 `json:"seed"`
	Processors int                 `json:"processors"`
	System     string              `json:"system"`
	Version    string              `json:"version"`
	Table      []ExperimentMeasure `json:"table"`
	Promises   []ExperimentPromise `json:"promises"`
	Answers    []ExperimentAnswer  `json:"answers" description:"to the questions with a slider"`
	Charts     []ExperimentChart   `json:"charts"`
	Replay     *ExperimentReplay   `json:"replay" description:"null if the experiment has a load"`
}

// ExperimentReplay is recorded samples, and the pages of the alerts that were tried on them.
type ExperimentReplay struct {
	SampleSec  float64          `json:"sampleSec" description:"time between two samples"`
	ErrorRatio []float64        `json:"errorRatio" description:"of each sample; 0 without requests"`
	Pages      []ExperimentPage `json:"pages"`
}

// ExperimentPage is a time in which an alert pages somebody.
type ExperimentPage struct {
	Arm     string  `json:"arm"`
	FromSec float64 `json:"fromSec" description:"after the start of the recording"`
	ToSec   float64 `json:"toSec"`
}

// ExperimentAnswer is what a run measured of a question.
type ExperimentAnswer struct {
	Question string   `json:"question"`
	Measured *float64 `json:"measured" description:"null if it was not measured"`
}

// ExperimentMeasure is a row of the verdict's table.
type ExperimentMeasure struct {
	ID      string             `json:"id"`
	Text    string             `json:"text"`
	Unit    string             `json:"unit"`
	Arms    []ExperimentSpread `json:"arms"`
	Ratio   *float64           `json:"ratio" description:"first arm over last arm"`
	Overlap bool               `json:"overlap" description:"the ranges of the first and the last arm overlap"`
}

// ExperimentSpread is the values of a measure over the rounds of an arm.
type ExperimentSpread struct {
	Arm    string   `json:"arm"`
	Median *float64 `json:"median"`
	Least  *float64 `json:"least"`
	Most   *float64 `json:"most"`
}

// ExperimentPromised is a promise as the catalog has it.
type ExperimentPromised struct {
	Key        string  `json:"key" description:"of its bound in a request to run the experiment: measure/arm, or measure/arm/over"`
	Text       string  `json:"text"`
	Bound      string  `json:"bound" description:"in words"`
	Above      bool    `json:"above" description:"the bound is the least value, not the most"`
	Value      float64 `json:"value" description:"of the bound"`
	QuickValue float64 `json:"quickValue" description:"of the bound of a quick run"`
	Unit       string  `json:"unit" enum:"ratio,ms,s,per second,count,calls,times" description:"times: two arms are compared"`
}

// ExperimentPromise is a promise with what was measured.
type ExperimentPromise struct {
	Text     string `json:"text"`
	Bound    string `json:"bound" description:"in words"`
	Measured string `json:"measured" description:"in words"`
	Outcome  string `json:"outcome" enum:"met,not met,no data"`
	Overlap  bool   `json:"overlap" description:"the ranges of the two arms overlap"`
}

// ExperimentParams names an experiment.
type ExperimentParams struct {
	ID string `path:"id" pattern:"^[a-z0-9-]{1,64}$"`
}

// ExperimentRunParams names a run.
type ExperimentRunParams struct {
	ExperimentParams

	Run string `path:"run" pattern:"^[a-z0-9-]{1,100}$"`
}

// ExperimentBody says how to run an experiment.
type ExperimentBody struct {
	Repeats *int   `json:"repeats,omitempty" minimum:"1" maximum:"10" description:"rounds; default 3"`
	Arm     string `json:"arm,omitempty" maxLength:"64" description:"only this arm"`
	Quick   bool   `json:"quick,omitempty" description:"halves the times"`
	Seed    *int   `json:"seed,omitempty" minimum:"1" maximum:"1000000"`

	Bounds map[string]float64 `json:"bounds,omitempty" description:"other bounds, by measure for all promises about it, or by the key of a promise"`
}
