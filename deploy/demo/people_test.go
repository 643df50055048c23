package demo_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/mozillazg/go-pinyin"
)

// Nobody here is real. Mobile numbers have 0000 in the middle, British ones
// are of the range kept for drama, resident ids have the sequence 000 that is
// never issued, mail goes to example.com.

// place is a city with its districts.
type place struct {
	region, city string
	districts    []string
	codes        []string // of the districts, GB/T 2260
	area         string   // area code of telephones
	post         string   // the first four digits of the postcode
}

var places = []place{
	{"北京市", "北京市", []string{"海淀区", "朝阳区", "西城区"}, []string{"110108", "110105", "110102"}, "010", "1000"},
	{"上海市", "上海市", []string{"浦东新区", "徐汇区", "闵行区"}, []string{"310115", "310104", "310112"}, "021", "2001"},
	{"广东省", "广州市", []string{"天河区", "越秀区", "海珠区"}, []string{"440106", "440104", "440105"}, "020", "5106"},
	{"广东省", "深圳市", []string{"南山区", "福田区", "宝安区"}, []string{"440305", "440304", "440306"}, "0755", "5180"},
	{"浙江省", "杭州市", []string{"西湖区", "上城区", "余杭区"}, []string{"330106", "330102", "330110"}, "0571", "3100"},
	{"江苏省", "南京市", []string{"鼓楼区", "玄武区", "江宁区"}, []string{"320106", "320102", "320115"}, "025", "2100"},
	{"江苏省", "苏州市", []string{"姑苏区", "吴中区", "昆山市"}, []string{"320508", "320506", "320583"}, "0512", "2150"},
	{"四川省", "成都市", []string{"武侯区", "锦江区", "青羊区"}, []string{"510107", "510104", "510105"}, "028", "6100"},
	{"湖北省", "武汉市", []string{"武昌区", "江汉区", "洪山区"}, []string{"420106", "420103", "420111"}, "027", "4300"},
	{"福建省", "厦门市", []string{"思明区", "湖里区"}, []string{"350203", "350206"}, "0592", "3610"},
	{"山东省", "青岛市", []string{"市南区", "崂山区", "黄岛区"}, []string{"370202", "370212", "370211"}, "0532", "2660"},
	{"陕西省", "西安市", []string{"雁塔区", "碑林区", "未央区"}, []string{"610113", "610103", "610112"}, "029", "7100"},
}

var (
	surnames  = []rune("王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文")
	maleNames = []rune("伟强磊军洋勇杰涛明超辉鹏飞刚平健波斌宇浩凯俊峰志建国文华东海天宏毅翔博睿晨阳子轩昊然铭远松林柏岩川")
	femNames  = []rune("芳娜敏静丽艳娟霞秀玲桂英兰红梅莉燕雪琳婷颖慧洁玉萍倩雯月瑶佳欣怡梦悦妍琪薇蕾菲晓岚青云诗涵若彤宁荷")
	streets   = []string{"青禾路", "听雨街", "竹影巷", "望江路", "云栖大道", "松风路", "茶园街", "石桥路", "白鹭路", "枫林路", "银杏街", "碧波路", "清泉路", "古塔街", "晨曦路", "荷塘西路", "学府北路", "船坞街", "梨园路", "长堤路", "星河街", "桂花巷", "南塘路", "风铃街"}
	estates   = []string{"翠湖花园", "金桂苑", "云上居", "清风里", "澜庭", "半山府", "水岸新村", "梧桐公馆", "晴川苑", "东篱小区"}

	firstMale   = strings.Fields("James Oliver Thomas Henry William Edward Daniel Samuel Peter Robert Michael Andrew Simon Martin Philip Alan Graham Stephen Hugh Colin")
	firstFemale = strings.Fields("Mary Emma Charlotte Alice Helen Margaret Susan Elizabeth Katherine Sarah Rachel Laura Julia Anna Claire Fiona Judith Hannah Diana Grace")
	lastNames   = strings.Fields("Thornbury Ashdown Pemberton Whitlock Hargreave Middleton Fairchild Underhill Blackwood Lockhart Sedgwick Winslow Carrow Dunmore Ellery Fenwick Garside Holloway Ingleby Kingsley Larkin Marlowe Norbury Oakley Prescott Quayle Radcliffe Stanhope Tattersall Vickers")
	towns       = [][3]string{{"Leeds", "West Yorkshire", "LS"}, {"Ely", "Cambridgeshire", "CB"}, {"Bath", "Somerset", "BA"}, {"York", "North Yorkshire", "YO"}, {"Exeter", "Devon", "EX"}, {"Norwich", "Norfolk", "NR"}}
	roads       = strings.Fields("Mill Orchard Station Church Victoria Albert Meadow Chapel Castle Bridge Willow Priory")

	firmWords  = []string{"青岚", "云栖谷", "禾木", "远山", "半亩", "松溪", "白鹿原", "知味", "清欢", "沐风", "拾光", "南屿", "鹤归", "朴野", "听泉", "溪山", "春晖里", "月见", "北斗星", "锦书"}
	firmTrades = []string{"茶业", "餐饮管理", "酒店管理", "文化传播", "食品贸易", "商贸", "生活用品"}
)

// home is one address.
type home struct {
	country, region, city, district, street, post, code, area string
}

// line writes a Chinese address on one line.
func (h home) line() string {
	if h.country == "GB" {
		return h.street + ", " + h.city + ", " + h.post
	}
	if h.region == h.city {
		return h.city + h.district + h.street
	}
	return h.region + h.city + h.district + h.street
}

// person is one human being: one entity.
type person struct {
	id                string
	chinese           bool
	family, given     string // as the person writes them
	latin             string // Zhang Wei
	male              bool
	born              time.Time
	nationalID        string
	mobile, oldMobile string
	landline          string
	email, oldEmail   string
	now, before       home
	openid            string
	firm              *firm
}

func (p *person) name() string {
	if p.chinese {
		return p.family + p.given
	}
	return p.given + " " + p.family
}

// firm is one organisation: one entity.
type firm struct {
	id, name, credit, phone, email string
	at                             home
	contacts                       []*person
}

// world is everybody there is.
type world struct {
	*rand.Rand
	people  []*person
	firms   []*firm
	heroine *person
	taken   map[string]bool
}

func pick[T any](w *world, of []T) T { return of[w.IntN(len(of))] }

// chance is true n times of a hundred.
func (w *world) chance(n int) bool { return w.IntN(100) < n }

// fresh makes values until one was not made before.
func (w *world) fresh(make func() string) string {
	for {
		if v := make(); !w.taken[v] {
			w.taken[v] = true
			return v
		}
	}
}

func newWorld() *world {
	w := &world{Rand: rand.New(rand.NewPCG(20260630, 6)), taken: map[string]bool{}}
	for range 90 {
		w.firms = append(w.firms, w.newFirm())
	}
	// Branches have their head office's name, and a number of their own.
	for i := range 14 {
		head, branch := w.firms[i], w.newFirm()
		branch.name = head.name + strings.TrimSuffix(branch.at.city, "市") + "分公司"
		w.firms = append(w.firms, branch)
	}
	contacts := 0
	for i := range 620 {
		p := w.newPerson(i%9 != 0)
		if p.chinese && contacts < len(w.firms) {
			p.firm = w.firms[contacts]
			p.firm.contacts = append(p.firm.contacts, p)
			contacts++
		}
		w.people = append(w.people, p)
	}
	w.households()
	w.namesakes()
	w.heroine = w.story()
	w.people = append(w.people, w.heroine)
	for i, p := range w.people {
		p.id = fmt.Sprintf("P%04d", i+1)
	}
	for i, f := range w.firms {
		f.id = fmt.Sprintf("F%04d", i+1)
	}
	return w
}

// households are couples at one address with one landline, and children who
// use a parent's mobile number.
func (w *world) households() {
	for i := 0; i < 60; i += 2 {
		a, b := w.people[200+i], w.people[201+i]
		if a.chinese == b.chinese {
			b.now, b.before, b.landline = a.now, a.before, a.landline
		}
	}
	for i := 0; i < 30; i += 2 {
		parent := w.people[300+i]
		child := w.newPerson(parent.chinese)
		child.family, child.now, child.before, child.landline = parent.family, parent.now, parent.now, parent.landline
		child.mobile, child.oldMobile = parent.mobile, parent.mobile
		child.born = parent.born.AddDate(26, 3, 7)
		child.nationalID = ""
		w.nameLatin(child)
		w.people = append(w.people, child)
	}
}

// namesakes have the same common names and nothing else in common.
func (w *world) namesakes() {
	for i := range 24 {
		p := w.people[400+i]
		if !p.chinese {
			continue
		}
		names := [][2]string{{"张", "伟"}, {"王", "芳"}, {"李", "娜"}, {"刘", "洋"}}
		n := names[i%len(names)]
		p.family, p.given, p.male = n[0], n[1], i%2 == 0
		w.nameLatin(p)
	}
}

// story is the customer whom the demo tells of: she is in all six systems,
// moved, changed her number, and is written in three scripts.
func (w *world) story() *person {
	p := w.newPerson(true)
	p.family, p.given, p.male = "林", "晓岚", false
	p.born = time.Date(1988, 3, 12, 0, 0, 0, 0, time.UTC)
	p.before = w.home(places[4], 0)
	p.now = w.home(places[1], 1)
	w.nameLatin(p)
	p.oldEmail, p.email = "linxiaolan88@mail.example.com", "xiaolan.lin@example.com"
	p.nationalID = residentID(p.before.code, p.born)
	p.landline = "0571-80001988"
	p.openid = "oQh6_story_lin_xiaolan_000001"
	return p
}

func (w *world) newPerson(chinese bool) *person {
	p := &person{chinese: chinese, male: w.chance(50)}
	p.born = time.Date(1950+w.IntN(55), time.Month(1+w.IntN(12)), 1+w.IntN(28), 0, 0, 0, 0, time.UTC)
	if chinese {
		// Common surnames are common.
		p.family = string(surnames[min(w.IntN(len(surnames)), w.IntN(len(surnames)))])
		pool := femNames
		if p.male {
			pool = maleNames
		}
		p.given = string(pick(w, pool))
		if w.chance(72) {
			p.given += string(pick(w, pool))
		}
		p.now = w.home(pick(w, places), -1)
		p.before = p.now
		if w.chance(28) {
			p.before = w.home(pick(w, places), -1)
		}
		p.mobile = w.fresh(func() string {
			return fmt.Sprintf("1%s0000%04d", pick(w, []string{"38", "39", "58", "86", "77", "99", "51", "52", "36", "89"}), w.IntN(10000))
		})
		p.landline = w.fresh(func() string { return fmt.Sprintf("%s-%d000%04d", p.now.area, 2+w.IntN(7), w.IntN(10000)) })
		if w.chance(75) {
			p.nationalID = w.fresh(func() string { return residentID(p.before.code, p.born) })
		}
		p.openid = w.fresh(func() string { return "oQh6" + w.letters(24) })
	} else {
		first := firstFemale
		if p.male {
			first = firstMale
		}
		p.given, p.family = pick(w, first), pick(w, lastNames)
		p.now = w.britain()
		p.before = p.now
		if w.chance(28) {
			p.before = w.britain()
		}
		p.mobile = w.fresh(func() string { return fmt.Sprintf("+44 7700 900%03d", w.IntN(1000)) })
		p.landline = w.fresh(func() string { return fmt.Sprintf("+44 20 7946 0%03d", w.IntN(1000)) })
	}
	p.oldMobile = p.mobile
	if w.chance(12) {
		if chinese {
			p.oldMobile = w.fresh(func() string { return fmt.Sprintf("13%d0000%04d", w.IntN(10), w.IntN(10000)) })
		}
	}
	w.nameLatin(p)
	return p
}

// nameLatin writes the name in Latin letters and makes the e-mail addresses.
func (w *world) nameLatin(p *person) {
	if p.chinese {
		p.latin = title(latin(p.family)) + " " + title(latin(p.given))
	} else {
		p.latin = p.given + " " + p.family
	}
	local := strings.ToLower(strings.ReplaceAll(p.latin, " ", pick(w, []string{".", "", "_"})))
	year := fmt.Sprint(p.born.Year())
	p.email = w.fresh(func() string {
		return local + pick(w, []string{"", year[2:], year, fmt.Sprint(w.IntN(1000))}) + "@" + pick(w, []string{"example.com", "mail.example.com", "qq.example.com", "163.example.com", "example.org"})
	})
	p.oldEmail = p.email
	if w.chance(20) {
		p.oldEmail = w.fresh(func() string { return local + fmt.Sprint(w.IntN(10000)) + "@old.example.net" })
	}
}

// latin is a name in pinyin without tones: xiaolan.
func latin(s string) string { return strings.Join(pinyin.LazyConvert(s, nil), "") }

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (w *world) letters(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"[w.IntN(64)]
	}
	return string(b)
}

// home makes an address in a place; district -1 is any.
func (w *world) home(p place, district int) home {
	if district < 0 {
		district = w.IntN(len(p.districts))
	}
	street := fmt.Sprintf("%s%d号", pick(w, streets), 1+w.IntN(320))
	if w.chance(80) {
		street += fmt.Sprintf("%s%d幢%d单元%d%02d室", pick(w, estates), 1+w.IntN(30), 1+w.IntN(4), 1+w.IntN(28), 1+w.IntN(4))
	}
	return home{"CN", p.region, p.city, p.districts[district], street, p.post + fmt.Sprintf("%02d", w.IntN(90)), p.codes[district], p.area}
}

func (w *world) britain() home {
	t := pick(w, towns)
	return home{
		country: "GB", region: t[1], city: t[0], street: fmt.Sprintf("%d %s %s", 1+w.IntN(180), pick(w, roads), pick(w, []string{"Road", "Street", "Lane", "Close"})),
		post: fmt.Sprintf("%s%d %d%s%s", t[2], 1+w.IntN(19), 1+w.IntN(9), string(rune('A'+w.IntN(20))), string(rune('A'+w.IntN(20)))),
	}
}

func (w *world) newFirm() *firm {
	f := &firm{at: w.home(pick(w, places), -1)}
	f.name = w.fresh(func() string {
		return strings.TrimSuffix(f.at.city, "市") + pick(w, firmWords) + pick(w, firmTrades) + pick(w, []string{"有限公司", "有限公司", "股份有限公司", "有限责任公司"})
	})
	f.credit = w.fresh(func() string { return creditCode(w, f.at.code) })
	f.phone = w.fresh(func() string { return fmt.Sprintf("%s-%d000%04d", f.at.area, 2+w.IntN(7), w.IntN(10000)) })
	f.email = w.fresh(func() string { return "office" + fmt.Sprint(w.IntN(10000)) + "@corp.example.com" })
	return f
}

// residentID makes a number whose check character holds; the sequence 000 is
// never issued.
func residentID(code string, born time.Time) string {
	s := code + born.Format("20060102") + "000"
	sum := 0
	for i, weight := range []int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2} {
		sum += weight * int(s[i]-'0')
	}
	return s + string("10X98765432"[sum%11])
}

// creditCode makes a unified social credit code whose check character holds.
func creditCode(w *world, code string) string {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	s := "91" + code + "MA"
	for len(s) < 17 {
		s += string(alphabet[w.IntN(len(alphabet))])
	}
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(alphabet, s[i]) * weight
		weight = weight * 3 % 31
	}
	return s + string(alphabet[(31-sum%31)%31])
}

// traditional writes the characters of a name that have a traditional form.
func traditional(s string) string {
	return strings.NewReplacer("张", "張", "陈", "陳", "刘", "劉", "杨", "楊", "赵", "趙", "黄", "黃", "吴", "吳", "孙", "孫", "马", "馬", "罗", "羅", "郑", "鄭", "谢", "謝",
		"韩", "韓", "冯", "馮", "邓", "鄧", "许", "許", "苏", "蘇", "卢", "盧", "蒋", "蔣", "贾", "賈", "叶", "葉", "阎", "閻", "钟", "鍾", "汤", "湯", "伟", "偉", "丽", "麗", "静", "靜", "强", "強",
		"军", "軍", "杰", "傑", "艳", "豔", "涛", "濤", "飞", "飛", "华", "華", "红", "紅", "云", "雲", "兰", "蘭", "荣", "榮", "国", "國", "龙", "龍", "宁", "寧", "鹏", "鵬", "辉", "輝", "晓", "曉", "岚", "嵐",
		"梦", "夢", "诗", "詩", "颖", "穎", "倩", "倩", "东", "東", "陆", "陸", "顾", "顧", "钱", "錢", "贺", "賀", "赖", "賴", "龚", "龔", "谭", "譚", "邹", "鄒").Replace(s)
}
