package route

// phrase is how one language asks to be written to on a channel, and what is answered.
type phrase struct {
	forms  []string // whole messages, with {channel} for the name
	please []string // may stand before or after
	reply  string
}

// phrases are the sentences of each language. A channel's bare name is not among them: it is as well the answer to "Where did
// you hear of us?".
func phrases() map[string]phrase {
	return map[string]phrase{
		"en": {
			forms: []string{"write me on {channel}", "write to me on {channel}", "text me on {channel}", "message me on {channel}", "contact me on {channel}",
				"contact me via {channel}", "contact me by {channel}", "reach me on {channel}", "answer me on {channel}", "reply on {channel}",
				"I prefer {channel}", "I'd prefer {channel}", "I would prefer {channel}", "use {channel}", "{channel} is better", "rather on {channel}"},
			please: []string{"please", "pls"},
			reply:  "From now on we write to you on {channel}. If you want to change that, tell us another app in the same way.",
		},
		"es": {
			forms: []string{"escríbeme por {channel}", "escríbame por {channel}", "escríbanme por {channel}", "escribidme por {channel}",
				"escríbeme en {channel}", "escríbame en {channel}", "escríbanme en {channel}", "escríbeme al {channel}", "escríbanme al {channel}",
				"contáctame por {channel}", "contácteme por {channel}", "contáctenme por {channel}", "respóndeme por {channel}", "respóndanme por {channel}",
				"prefiero {channel}", "prefiero por {channel}", "mejor por {channel}"},
			please: []string{"por favor", "porfa"},
			reply:  "A partir de ahora le escribimos por {channel}. Si quiere cambiarlo, díganos otra aplicación de la misma manera.",
		},
		"pt": {
			forms: []string{"escreva-me pelo {channel}", "escrevam-me pelo {channel}", "me escreva no {channel}", "me escreva pelo {channel}",
				"me escrevam no {channel}", "me escrevam pelo {channel}", "me chame no {channel}", "me chama no {channel}", "me contate pelo {channel}",
				"contacte-me pelo {channel}", "fale comigo pelo {channel}", "fale comigo no {channel}", "prefiro {channel}", "prefiro o {channel}",
				"prefiro pelo {channel}", "melhor pelo {channel}"},
			please: []string{"por favor"},
			reply:  "De agora em diante, escrevemos para você pelo {channel}. Se quiser mudar, diga outro aplicativo da mesma forma.",
		},
		"fr": {
			forms: []string{"écrivez-moi sur {channel}", "écris-moi sur {channel}", "écrivez-moi par {channel}", "écris-moi par {channel}",
				"contactez-moi sur {channel}", "contactez-moi par {channel}", "contacte-moi sur {channel}", "répondez-moi sur {channel}",
				"je préfère {channel}", "je préfère sur {channel}", "je préfère par {channel}", "plutôt sur {channel}", "plutôt par {channel}"},
			please: []string{"s'il vous plaît", "s'il te plaît", "svp", "stp"},
			reply:  "Désormais, nous vous écrivons sur {channel}. Pour changer, indiquez-nous une autre application de la même façon.",
		},
		"de": {
			forms: []string{"schreiben Sie mir auf {channel}", "schreiben Sie mir über {channel}", "schreiben Sie mir per {channel}",
				"schreib mir auf {channel}", "schreib mir über {channel}", "schreib mir per {channel}", "schreibt mir auf {channel}",
				"schreibt mir über {channel}", "schreibt mir per {channel}", "kontaktieren Sie mich über {channel}", "antworten Sie mir auf {channel}",
				"ich bevorzuge {channel}", "lieber auf {channel}", "lieber über {channel}", "lieber per {channel}", "mir ist {channel} lieber"},
			please: []string{"bitte"},
			reply:  "Ab jetzt schreiben wir Ihnen auf {channel}. Wenn Sie das ändern möchten, nennen Sie uns ebenso eine andere App.",
		},
		"it": {
			forms: []string{"scrivetemi su {channel}", "scrivimi su {channel}", "mi scriva su {channel}", "scrivetemi via {channel}", "contattatemi su {channel}",
				"contattami su {channel}", "mi contatti su {channel}", "rispondetemi su {channel}", "preferisco {channel}", "preferisco su {channel}", "meglio su {channel}"},
			please: []string{"per favore", "per piacere", "per cortesia"},
			reply:  "D'ora in poi le scriviamo su {channel}. Se vuole cambiare, ci indichi un'altra app allo stesso modo.",
		},
		"nl": {
			forms: []string{"schrijf me via {channel}", "schrijf mij via {channel}", "schrijf me op {channel}", "stuur me een bericht via {channel}",
				"stuur mij een bericht via {channel}", "stuur het via {channel}", "neem contact op via {channel}", "antwoord via {channel}",
				"ik heb liever {channel}", "liever via {channel}", "liever op {channel}", "ik gebruik liever {channel}"},
			please: []string{"alstublieft", "alsjeblieft", "graag", "a.u.b.", "aub"},
			reply:  "Vanaf nu schrijven we u via {channel}. Wilt u dat veranderen, noem dan op dezelfde manier een andere app.",
		},
		"pl": {
			forms: []string{"pisz do mnie na {channel}", "piszcie do mnie na {channel}", "napisz do mnie na {channel}", "napiszcie do mnie na {channel}",
				"pisać do mnie na {channel}", "pisać na {channel}", "wolę {channel}", "wolę na {channel}", "lepiej na {channel}"},
			please: []string{"proszę"},
			reply:  "Od teraz piszemy do Państwa na {channel}. Aby to zmienić, proszę tak samo podać inną aplikację.",
		},
		"tr": {
			forms: []string{"bana {channel} üzerinden yazın", "bana {channel} üzerinden yaz", "{channel} üzerinden yazın", "bana {channel}'dan yazın",
				"bana {channel}'tan yazın", "bana {channel}'den yazın", "{channel} tercih ederim", "{channel} daha iyi"},
			please: []string{"lütfen"},
			reply:  "Bundan sonra size {channel} üzerinden yazıyoruz. Değiştirmek isterseniz aynı şekilde başka bir uygulama yazın.",
		},
		"ar": {
			forms: []string{"راسلني على {channel}", "راسلوني على {channel}", "راسلوني عبر {channel}", "تواصل معي على {channel}", "تواصلوا معي على {channel}",
				"تواصلوا معي عبر {channel}", "اكتب لي على {channel}", "اكتبوا لي على {channel}", "أفضل {channel}"},
			please: []string{"من فضلك", "من فضلكم", "لو سمحت", "لو سمحتم"},
			reply:  "من الآن فصاعدًا نراسلك على {channel}. إذا أردت تغيير ذلك فاذكر لنا تطبيقًا آخر بالطريقة نفسها.",
		},
		"hi": {
			forms:  []string{"मुझे {channel} पर लिखें", "मुझे {channel} पर लिखिए", "मुझे {channel} पर मैसेज करें", "मुझे {channel} पर संदेश भेजें", "{channel} पर लिखें", "{channel} पर मैसेज करें", "{channel} बेहतर है"},
			please: []string{"कृपया", "प्लीज़"},
			reply:  "अब से हम आपको {channel} पर लिखेंगे। इसे बदलने के लिए इसी तरह कोई दूसरा ऐप बताएँ।",
		},
		"id": {
			forms: []string{"hubungi saya lewat {channel}", "hubungi saya di {channel}", "hubungi saya via {channel}", "hubungi saya melalui {channel}",
				"kirim pesan lewat {channel}", "kirim ke {channel} saja", "lewat {channel} saja", "saya lebih suka {channel}"},
			please: []string{"tolong", "mohon"},
			reply:  "Mulai sekarang kami menghubungi Anda lewat {channel}. Untuk mengubahnya, sebutkan aplikasi lain dengan cara yang sama.",
		},
		"ru": {
			forms: []string{"пишите мне в {channel}", "пиши мне в {channel}", "напишите мне в {channel}", "напиши мне в {channel}", "пишите в {channel}",
				"напишите в {channel}", "лучше в {channel}", "мне удобнее в {channel}", "предпочитаю {channel}", "я предпочитаю {channel}"},
			please: []string{"пожалуйста"},
			reply:  "Теперь мы пишем вам в {channel}. Чтобы это изменить, назовите так же другое приложение.",
		},
		"uk": {
			forms: []string{"пишіть мені в {channel}", "пиши мені в {channel}", "напишіть мені в {channel}", "пишіть мені у {channel}", "напишіть мені у {channel}",
				"пишіть в {channel}", "пишіть у {channel}", "краще в {channel}", "краще у {channel}", "мені зручніше в {channel}"},
			please: []string{"будь ласка"},
			reply:  "Відтепер ми пишемо вам у {channel}. Щоб це змінити, назвіть так само інший застосунок.",
		},
		"zh": {
			forms: []string{"用{channel}联系我", "在{channel}上联系我", "用{channel}聯繫我", "在{channel}上聯繫我", "用{channel}给我发消息", "在{channel}上给我发消息",
				"我更喜欢{channel}", "我想用{channel}"},
			please: []string{"请", "請"},
			reply:  "今后我们会通过{channel}联系您。如需更改，请以同样方式告诉我们其他应用。",
		},
		"ja": {
			forms: []string{"{channel}で連絡してください", "{channel}に連絡してください", "{channel}で連絡をください", "{channel}でご連絡ください",
				"{channel}でお願いします", "{channel}がいいです"},
			please: []string{"できれば"},
			reply:  "今後は{channel}でご連絡します。変更する場合は、同じように別のアプリをお知らせください。",
		},
	}
}
