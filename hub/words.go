package hub

import (
	"strings"

	"crmhub/fault"
)

// The words of models in Chinese; in English they are shown as they stand in
// model files, with blanks.
var (
	comparisonsZh = map[string]string{
		"family_name": "姓", "given_name": "名", "middle_name": "中间名", "name_order": "姓名顺序", "organisation": "公司", "birth_date": "出生日期", "gender": "性别",
		"email": "邮箱", "phone": "电话", "address": "地址", "national_id": "证件号", "tax_id": "税号", "social_id": "社交账号", "kind": "类别",
		"household": "同一家庭（扣减）", "twins": "双胞胎（扣减）", "name": "姓名（扣减）", "contact": "联系方式（扣减）",
		"full_name": "姓名", "names": "多人姓名", "url": "网址", "street": "街道", "house_number": "门牌号", "district": "区县", "city": "城市", "region": "省份", "postcode": "邮编", "country": "国家", "place": "地点",
		"date": "日期", "title": "标题", "text": "文本", "prior": "任意两行", "related": "亲属、同址等（扣减）",
		"ignored": "不采用", "identifier": "编号", "number": "数字", "category": "分类", "year": "年份",
	}
	levelsZh = map[string]string{
		"exact": "完全一致", "near": "仅差笔误", "sound": "读音相同", "part": "部分相同", "close": "相近", "different": "不同", "nickname": "昵称", "initial": "首字母", "middle": "中间名",
		"character": "差一字", "swapped": "互换", "same": "相同", "overlap": "半数词相同", "branch": "分支机构", "employer": "同一雇主", "new_year": "同为元旦", "digit": "差一位", "year": "仅年份相同",
		"day": "仅月日相同", "mailbox": "邮箱名相同", "shared": "公共邮箱", "name": "仅与姓名重复", "landline": "固定电话", "tail": "末八位相同", "premises": "门牌相同", "street": "街道相同", "unit": "精确邮编",
		"acronym": "缩写", "apart": "互不相同", "base": "邮编前缀", "brackets": "仅括号内不同", "decade": "差整十年", "digits": "仅数字不同", "domain": "仅域名相同", "domain_slip": "域名笔误",
		"extension": "分机不同", "family": "仅姓相同", "first": "首位相同", "five_percent": "相差百分之五以内", "given": "仅名相同", "half": "半数相同", "high": "高度相似", "medium": "较为相似", "low": "略有相似", "most": "大部分相同",
		"month": "年月相同", "near_name": "街名相近", "next": "相邻年份", "number": "仅编号不同", "one": "有一项相同", "quarter": "相差四分之一以内", "reordered": "顺序不同", "rounded": "取整后相同",
		"sector": "投递区相同", "similar": "相似", "site": "同一网站", "tagged": "仅后缀标签不同", "ten_percent": "相差百分之十以内", "two_digits": "差两位", "two_percent": "相差百分之二以内", "two_slips": "两处笔误",
		"unnumbered": "缺门牌号", "word": "有词相同", "year_only": "仅年份相同",
		"area": "片区", "postcode": "邮编", "neighbour": "邻近门牌", "district": "同区", "city": "同城", "slip": "仅差笔误", "region": "同省", "unchecked": "一致（无校验位）", "mismatched": "无法校验", "missing": "缺失",
	}
	verdictsZh = map[string]string{"match": "匹配", "possible match": "疑似匹配", "non-match": "不匹配"}
)

// ComparisonWord is a comparison's, or a guard's, name for people.
func ComparisonWord(name string, l fault.Lang) string { return word(name, comparisonsZh, l) }

// LevelWord is the name of a comparison's level for people.
func LevelWord(name string, l fault.Lang) string { return word(name, levelsZh, l) }

// VerdictWord is a verdict's name for people.
func VerdictWord(name string, l fault.Lang) string { return word(name, verdictsZh, l) }

func word(name string, zh map[string]string, l fault.Lang) string {
	if w, ok := zh[name]; ok && l == fault.Chinese {
		return w
	}
	return strings.ReplaceAll(name, "_", " ")
}
