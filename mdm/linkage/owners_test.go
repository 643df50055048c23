package linkage_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"crmhub/mdm/linkage"
)

// TestColleaguesOfOneOffice holds that people who share an employer, its address
// and its telephone are not one person: of two names of a row the one that far
// more rows share is that of whom they belong to.
func TestColleaguesOfOneOffice(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 21))
	given := make([]string, 120)
	for i := range given {
		given[i] = word(rng, 2)
	}
	var offices []string
	for range 250 {
		offices = append(offices, fmt.Sprintf("%s Clinic|%d %s Street|%s|555-%03d-%04d", word(rng, 3), 1+rng.IntN(900), word(rng, 3), word(rng, 3), 200+rng.IntN(700), rng.IntN(10000)))
	}
	var rows []string
	var truth []int
	for i := range 2500 {
		name, family := given[rng.IntN(len(given))], word(rng, 3)
		office := offices[int(float64(len(offices))*rng.Float64()*rng.Float64())]
		for range 1 + rng.IntN(2) {
			at := strings.Split(office, "|")
			if rng.IntN(4) == 0 {
				at[0] = ""
			}
			if rng.IntN(4) == 0 {
				at[3] = ""
			}
			rows, truth = append(rows, name+"|"+family+"|"+strings.Join(at, "|")), append(truth, i)
		}
	}
	if got := f1(t, "first_name|last_name|organization|practice_address|city|phone", rows, truth); got < 0.9 {
		t.Errorf("F1 %.4f, want at least 0.9", got)
	}
}

// TestMakersInTitles holds that what one maker makes is not one thing because
// the maker's name stands in every title too.
func TestMakersInTitles(t *testing.T) {
	rng := rand.New(rand.NewPCG(22, 22))
	kinds, styles := []string{"Pale Ale", "IPA", "Stout", "Red Ale", "Porter", "Lager"}, []string{"dark", "light", "wheat", "sour", "bitter"}
	var rows []string
	var truth []int
	thing := 0
	for range 300 {
		maker := word(rng, 3) + " " + word(rng, 2)
		for range 1 + rng.IntN(8) {
			name, style, abv := word(rng, 2), styles[rng.IntN(len(styles))], 40+rng.IntN(60)
			kind := kinds[rng.IntN(len(kinds))]
			for range 1 + rng.IntN(2) {
				full := name + " " + kind
				if rng.IntN(2) == 0 {
					full = maker + " " + full
				}
				rows, truth = append(rows, fmt.Sprintf("%s|%s %s|%s|%d.%d %%", full, maker, []string{"Brewery", "Brewing Company", "Brewing Co."}[rng.IntN(3)], style, abv/10, abv%10)), append(truth, thing)
			}
			thing++
		}
	}
	if got := f1(t, "beer_name|brewery|style|abv", rows, truth); got < 0.9 {
		t.Errorf("F1 %.4f, want at least 0.9", got)
	}
}

// TestMailboxesOfNamesakes holds that equal mailboxes are one thing where few
// rows have more than a mailbox and a given name that hundreds share.
func TestMailboxesOfNamesakes(t *testing.T) {
	rng := rand.New(rand.NewPCG(23, 23))
	given := make([]string, 60)
	for i := range given {
		given[i] = word(rng, 2)
	}
	hosts := []string{"gmail.com", "yahoo.com", "hotmail.com", "web.de"}
	var rows []string
	var truth []int
	for i := range 4000 {
		name := given[rng.IntN(len(given))]
		mail := fmt.Sprintf("%s%s%d@%s", name, word(rng, 2), rng.IntN(1000), hosts[rng.IntN(len(hosts))])
		for k := range 1 + rng.IntN(3) {
			cells := []string{mail, "", []string{"en", "de", "fr"}[rng.IntN(3)], fmt.Sprintf("20%02d-%02d-%02d", 15+rng.IntN(9), 1+rng.IntN(12), 1+rng.IntN(28))}
			if rng.IntN(3) == 0 {
				cells[1] = name
			}
			if k > 0 && rng.IntN(4) == 0 {
				cells[0] = slip(rng, mail)
			}
			rows, truth = append(rows, strings.Join(cells, "|")), append(truth, i)
		}
	}
	if got := f1(t, "email_address|first_name|lang|signup_date", rows, truth); got < 0.6 {
		t.Errorf("F1 %.4f, want at least 0.6", got)
	}
}

// TestSongsOfOneArtist holds that there are no more matches than rows of one
// title allow, though all songs of an album share artist, album and year.
func TestSongsOfOneArtist(t *testing.T) {
	rng := rand.New(rand.NewPCG(24, 24))
	signs := []rune("爱你我的心天空夜星海风雨月光梦想远方等待回忆时间永恒花开城市孤单温柔路口青春")
	text := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteRune(signs[rng.IntN(len(signs))])
		}
		return b.String()
	}
	var rows []string
	for range 900 {
		artist := text(3)
		for range 1 + rng.IntN(2) {
			album, year := text(2+rng.IntN(3)), 1985+rng.IntN(37)
			for range []int{1, 3, 6, 10}[rng.IntN(4)] {
				title, length := text(2+rng.IntN(4)), 150+rng.IntN(180)
				for range []int{1, 1, 2, 3}[rng.IntN(4)] {
					from, at, long := album, fmt.Sprint(year), fmt.Sprintf("%02d:%02d", length/60, length%60)
					switch rng.IntN(10) {
					case 0:
						from = "热门歌曲合集"
					case 1:
						from = ""
					}
					by := artist
					if rng.IntN(8) == 0 {
						by += "/" + text(3)
					}
					if rng.IntN(3) == 0 {
						at = ""
					}
					if rng.IntN(2) == 0 {
						long = fmt.Sprint(length)
					}
					rows = append(rows, strings.Join([]string{title, by, from, long, at, []string{"国语", "华语", "普通话", ""}[rng.IntN(4)]}, "|"))
				}
			}
		}
	}
	r := dedupe(t, table("歌曲名|歌手|专辑|时长|发行年份|语种", rows...), linkage.Options{})
	if got := r.Model.Matches; got > 1.2 {
		t.Errorf("%.2f matches a row are learnt, want at most 1.2: there are 0.57", got)
	}
}
