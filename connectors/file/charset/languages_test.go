package charset_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"

	"crmhub/connectors/file/charset"
)

// TestDetectKnowsLanguages holds that lists of names and places are read in
// their own encoding, and that detection is sure of it.
func TestDetectKnowsLanguages(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		enc        encoding.Encoding
		want       string
	}{
		{"Hebrew", "שם,עיר\nדוד כהן,תל אביב\nרחל לוי,ירושלים\nיוסף מזרחי,חיפה\nשרה פרידמן,באר שבע\nמשה ביטון,אשדוד\n", charmap.Windows1255, "windows-1255"},
		{"Arabic", "الاسم,المدينة\nمحمد عبد الرحمن,القاهرة\nفاطمة الزهراء,الدار البيضاء\nيوسف خليل,بيروت\nليلى حسن,عمان\n", charmap.Windows1256, "windows-1256"},
		{"Persian", "نام,شهر\nپرویز کاظمی,تهران\nژاله گلستان,شیراز\nمهدی چمران,اصفهان\n", charmap.Windows1256, "windows-1256"},
		{"Lithuanian", "vardas,miestas\nJonas Žukauskas,Šiauliai\nRūta Kazlauskienė,Panevėžys\nSaulė Šimkutė,Klaipėda\nGintarė Vaičiūnaitė,Mažeikiai\n", charmap.Windows1257, "windows-1257"},
		{"Latvian", "vārds,pilsēta\nJānis Bērziņš,Rīga\nLīga Kalniņa,Daugavpils\nIlze Ozoliņa,Liepāja\nMāris Krūmiņš,Jūrmala\nĢirts Šķēle,Cēsis\n", charmap.Windows1257, "windows-1257"},
		{"Vietnamese", "tên,thành phô\u0301\nNguyê\u0303n Thi\u0323 Hô\u0300ng,Hà Nô\u0323i\nTrâ\u0300n Văn Đư\u0301c,Đà Nă\u0303ng\nLê Hoàng Yê\u0301n,Câ\u0300n Thơ\n", charmap.Windows1258, "windows-1258"},
		{"Thai", "ชื่อ,เมือง\nสมชาย ใจดี,กรุงเทพมหานคร\nสมหญิง รักไทย,เชียงใหม่\nประเสริฐ วงศ์สวัสดิ์,ขอนแก่น\n", charmap.Windows874, "windows-874"},
		{"Russian", "имя,город\nИван Петров,Москва\nОльга Смирнова,Нижний Новгород\nДмитрий Кузнецов,Екатеринбург\n", charmap.KOI8R, "koi8-r"},
		{"Russian of Windows", "имя,город\nИван Петров,Москва\nОльга Смирнова,Нижний Новгород\nДмитрий Кузнецов,Екатеринбург\n", charmap.Windows1251, "windows-1251"},
		{"Ukrainian", "ім'я,місто\nОлексій Ковальчук,Київ\nНаталія Шевченко,Харків\nАндрій Мельник,Чернігів\n", charmap.KOI8U, "koi8-u"},
		{"capitals", "ИМЯ,ГОРОД\nИВАН ПЕТРОВ,МОСКВА\nОЛЬГА СМИРНОВА,НОВГОРОД\nДМИТРИЙ КУЗНЕЦОВ,КАЗАНЬ\n", charmap.Windows1251, "windows-1251"},
		{"Greek", "όνομα,πόλη\nΓιώργος Παπαδόπουλος,Αθήνα\nΜαρία Νικολάου,Θεσσαλονίκη\nΕλένη Δημητρίου,Πάτρα\n", charmap.Windows1253, "windows-1253"},
		{"Turkish", "ad,şehir\nAyşe Yılmaz,İstanbul\nÇağlar Şahin,Diyarbakır\nGökhan Işık,Eskişehir\nGülşen Öztürk,Muğla\n", charmap.Windows1254, "windows-1254"},
		{"French", "nom,ville\nFrançoise Lefèvre,Orléans\nHélène Dupré,Besançon\nGérard Bégin,Évreux\nAgnès Thévenet,Nîmes\nAndré Sénéchal,Béziers\n", charmap.Windows1252, "windows-1252"},
		{"German", "Name,Ort\nJürgen Müller,Köln\nKäthe Schäfer,Düsseldorf\nGünther Weiß,München\nSönke Jäger,Lübeck\n", charmap.Windows1252, "windows-1252"},
		{"Spanish and more", "nombre,ciudad\nJosé Núñez,León\nJürgen Müller,Köln\nSøren Ångström,Malmö\nFrançois Hébert,Orléans\nJoão Gonçalves,São Paulo\n", charmap.Windows1252, "windows-1252"},
		{"Polish", "imię,miasto\nŁukasz Wiśniewski,Łódź\nMałgorzata Wójcik,Częstochowa\nStanisław Dąbrowski,Białystok\nZofia Żółtowska,Kraków\n", charmap.Windows1250, "windows-1250"},
		{"Czech", "jméno,město\nJiří Dvořák,Plzeň\nBožena Němcová,Olomouc\nTomáš Růžička,Třebíč\nLukáš Šťastný,Hradec Králové\n", charmap.Windows1250, "windows-1250"},
		{"Hungarian", "név,város\nErdős Gyöngyi,Győr\nSzűcs Ágnes,Szőlősgyörök\nKövári József,Székesfehérvár\n", charmap.Windows1250, "windows-1250"},
		{"Japanese of half width", "ﾅﾏｴ,ｼﾒｲ\nﾔﾏﾀﾞ ﾀﾛｳ,ﾄｳｷﾖｳﾄ\nｽｽﾞｷ ﾊﾅｺ,ｵｵｻｶｼ\nｻﾄｳ ｲﾁﾛｳ,ﾅｺﾞﾔｼ\nﾀｶﾊｼ ﾐﾅﾐ,ﾖｺﾊﾏｼ\n", japanese.ShiftJIS, "shift_jis"},
		{"Japanese of both", "氏名,ｶﾅ\n山田太郎,ﾔﾏﾀﾞ ﾀﾛｳ\n鈴木花子,ｽｽﾞｷ ﾊﾅｺ\n佐藤一郎,ｻﾄｳ ｲﾁﾛｳ\n", japanese.ShiftJIS, "shift_jis"},
		{"Chinese", "姓名,城市\n陈静,上海市浦东新区\n刘洋,北京市海淀区\n欧阳娜娜,广州市天河区\n", simplifiedchinese.GBK, "gb18030"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			raw, err := encoding.ReplaceUnsupported(tt.enc.NewEncoder()).Bytes([]byte(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			got := charset.Detect(raw, true)
			if got.Name != tt.want || got.Confidence < 0.6 {
				t.Errorf("Detect = %s (%.2f), want %s, surely", got.Name, got.Confidence, tt.want)
			}
			// A few of the lines alone may leave doubt, but never a wrong certainty.
			for line := range strings.Lines(string(raw)) {
				if got := charset.Detect([]byte(line), true); got.Confidence > 0.8 && got.Name != tt.want && charset.Decode([]byte(line), got.Name) != charset.Decode([]byte(line), tt.want) {
					t.Errorf("Detect(%x) = %s (%.2f), want %s or doubt", line, got.Name, got.Confidence, tt.want)
				}
			}
		})
	}
}
