package restapi

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"
)

// pace keeps requests apart: at least as far as the rate asks, farther after
// the server said that they come too fast, and then slowly nearer again.
type pace struct {
	least, most time.Duration
	interval    time.Duration
	next        time.Time
}

// wait blocks until the next request may be made.
func (p *pace) wait(ctx context.Context) error {
	p.interval = max(p.interval, p.least)
	now := time.Now()
	if d := p.next.Sub(now); d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		now = p.next
	}
	p.next = now.Add(p.interval)
	return nil
}

// slower doubles the distance, after a refusal; it need not be more than the
// server told to wait.
func (p *pace) slower(told time.Duration) {
	most := 5 * time.Second
	if told > 0 {
		most = min(most, told)
	}
	p.interval = min(max(2*p.interval, 20*time.Millisecond), most)
}

// faster takes a part off the distance, after a good answer.
func (p *pace) faster() {
	if p.interval -= p.interval / 5; p.interval < time.Millisecond {
		p.interval = 0
	}
	p.interval = max(p.interval, p.least)
}

// pause keeps the next request away for d, but not for ever.
func (p *pace) pause(d time.Duration) {
	if until := time.Now().Add(min(d, p.most)); until.After(p.next) {
		p.next = until
	}
}

// observe reads the budget in an answer's headers: where none is left, the
// next request waits for the new one.
func (p *pace) observe(h http.Header, t Throttle) {
	if t.Remaining == "" || t.Reset == "" {
		return
	}
	left, err := strconv.ParseFloat(h.Get(t.Remaining), 64)
	if err != nil || left > float64(t.Reserve) {
		return
	}
	if d, ok := distance(h.Get(t.Reset), serverTime(h)); ok {
		p.pause(d)
	}
}

// budget reads the budget in an answer's body: points that come back at a rate.
func (p *pace) budget(beside any, t Throttle) {
	if t.Available == "" {
		return
	}
	available, ok := float(lookup(beside, t.Available))
	restore, fast := float(lookup(beside, t.Restore))
	cost, known := float(lookup(beside, t.Cost))
	if !ok || !fast || restore <= 0 {
		return
	}
	if !known {
		cost = 0
	}
	if lack := cost + float64(t.Reserve) - available; lack > 0 {
		p.pause(time.Duration(math.Ceil(lack / restore * float64(time.Second))))
	}
}

// float is a number for pacing; never for money.
func float(v any) (float64, bool) {
	f, err := strconv.ParseFloat(text(v), 64)
	return f, err == nil
}

// told returns how long the server asks to wait: Retry-After in seconds or as
// a date, or the headers that the API has for it.
func told(h http.Header, t Throttle) (time.Duration, bool) {
	now := serverTime(h)
	for _, name := range []string{"Retry-After", t.Wait} {
		if name == "" || h.Get(name) == "" {
			continue
		}
		if d, ok := distance(h.Get(name), now); ok {
			return d, true
		}
	}
	if t.Reset != "" && (t.Remaining == "" || h.Get(t.Remaining) == "0") && h.Get(t.Reset) != "" {
		return distance(h.Get(t.Reset), now)
	}
	return 0, false
}

// serverTime is the server's clock, ours where it doesn't tell: instants are
// taken as distances from it, so that a clock that is wrong does no harm.
func serverTime(h http.Header) time.Time {
	if t, err := http.ParseTime(h.Get("Date")); err == nil {
		return t
	}
	return time.Now()
}

// distance reads seconds from now, seconds or milliseconds since 1970, or a date.
func distance(s string, now time.Time) (time.Duration, bool) {
	if f, err := strconv.ParseFloat(s, 64); err == nil && f >= 0 && f < 1e15 {
		switch {
		case f > 1e11:
			return max(0, time.UnixMilli(int64(f)).Sub(now)), true
		case f > 1e9:
			return max(0, time.Unix(int64(f), 0).Sub(now)), true
		}
		return time.Duration(f * float64(time.Second)), true
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(0, t.Sub(now)), true
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return max(0, t.Sub(now)), true
	}
	return 0, false
}
