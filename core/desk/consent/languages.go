package consent

// The built-in words. They are those that the field asks customers to write (STOP of the carriers and of Meta, BAJA and ALTA,
// UNREG, 退订, 配信停止, …), the text of Meta's marketing opt-out button, and short sentences that mean nothing else. What a
// customer would as soon answer to a reminder, an order or a menu is not among them: CANCEL, END, QUIT, YES, RED, SALIR. A
// company that asks its customers for such a word adds it. Words that open something are fewer: who is wrongly silent can
// write again, who wrongly gets offers was never asked.

// everyLanguage is the words that are understood in all of them.
func everyLanguage() Language {
	return Language{
		Stop:   []string{"STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "UNSUB", "OPT OUT", "OPT-OUT", "OPTOUT"},
		Offers: []string{"STOP PROMOTIONS", "STOP PROMOS", "STOP PROMO", "STOP MARKETING"},
		Start:  []string{"START", "UNSTOP", "SUBSCRIBE", "OPT IN", "OPT-IN", "OPTIN"},
	}
}

// languages are the words and answers of each, in no particular order but that the first of Stop and Start are named in answers.
func languages() map[string]Language {
	return map[string]Language{
		"en": {
			Stop: []string{"STOP", "UNSUBSCRIBE ME", "REVOKE", "REMOVE ME", "REMOVE ME FROM YOUR LIST", "STOP MESSAGES", "STOP MESSAGING ME",
				"STOP TEXTING ME", "NO MORE MESSAGES", "DON'T MESSAGE ME", "DO NOT MESSAGE ME", "DON'T CONTACT ME", "DO NOT CONTACT ME"},
			Offers: []string{"STOP OFFERS", "STOP ADS", "NO MORE OFFERS", "NO MORE ADS", "NO ADS", "NO MARKETING", "NO PROMOTIONS"},
			Start:  []string{"START", "START MESSAGES", "SUBSCRIBE ME", "RESUBSCRIBE"},
			Reply: Reply{
				Stop:   "You will get no more messages from us, except answers to what you write. To get them again, reply {start}.",
				Offers: "You will get no more offers from us. To get them again, reply {start}.",
				Start:  "You will get our messages and offers. If you want no more of them, reply {stop}.",
			},
		},
		"es": {
			Stop: []string{"BAJA", "PARAR", "DARME DE BAJA", "DAR DE BAJA", "DARSE DE BAJA", "DAME DE BAJA", "DENME DE BAJA", "QUIERO DARME DE BAJA",
				"DESUSCRIBIR", "DESUSCRIBIRME", "DESUSCRIBIRSE", "CANCELAR SUSCRIPCIÓN", "CANCELAR LA SUSCRIPCIÓN", "ANULAR SUSCRIPCIÓN",
				"NO MÁS MENSAJES", "NO QUIERO MÁS MENSAJES", "NO ENVIAR MÁS MENSAJES", "NO ME ESCRIBAN MÁS", "DETENER MENSAJES"},
			Offers: []string{"DETENER PROMOCIONES", "PARAR PROMOCIONES", "NO MÁS PROMOCIONES", "NO MÁS OFERTAS", "NO MÁS PUBLICIDAD",
				"NO QUIERO PUBLICIDAD", "BAJA PUBLICIDAD", "BAJA PROMOCIONES"},
			Start: []string{"ALTA", "DARME DE ALTA", "QUIERO DARME DE ALTA", "SUSCRIBIRME", "SUSCRÍBEME"},
			Reply: Reply{
				Stop:   "No recibirá más mensajes nuestros, salvo respuestas a lo que usted escriba. Para volver a recibirlos, responda {start}.",
				Offers: "No recibirá más ofertas nuestras. Para volver a recibirlas, responda {start}.",
				Start:  "Recibirá nuestros mensajes y ofertas. Si no quiere recibirlos más, responda {stop}.",
			},
		},
		"pt": {
			Stop: []string{"SAIR", "PARAR", "PARE", "DESCADASTRAR", "DESCADASTRE-ME", "DESINSCREVER", "CANCELAR INSCRIÇÃO", "CANCELAR SUBSCRIÇÃO",
				"ANULAR SUBSCRIÇÃO", "PARAR MENSAGENS", "NÃO ENVIAR MAIS MENSAGENS", "NÃO QUERO MAIS MENSAGENS", "NÃO QUERO RECEBER MENSAGENS",
				"NÃO QUERO MAIS RECEBER MENSAGENS", "NÃO ME MANDE MAIS MENSAGENS", "REMOVER MEU NÚMERO"},
			Offers: []string{"PARAR PROMOÇÕES", "INTERROMPER PROMOÇÕES", "CHEGA DE PROMOÇÕES", "NÃO QUERO PROMOÇÕES", "NÃO QUERO OFERTAS",
				"NÃO QUERO PROPAGANDA", "NÃO QUERO PUBLICIDADE"},
			Start: []string{"INSCREVER", "INSCREVER-ME", "QUERO RECEBER MENSAGENS", "SUBSCREVER"},
			Reply: Reply{
				Stop:   "Você não receberá mais mensagens nossas, exceto respostas ao que escrever. Para voltar a receber, responda {start}.",
				Offers: "Você não receberá mais ofertas nossas. Para voltar a receber, responda {start}.",
				Start:  "Você receberá nossas mensagens e ofertas. Se não quiser mais recebê-las, responda {stop}.",
			},
		},
		"fr": {
			Stop: []string{"STOP", "ARRÊT", "STOP SMS", "DÉSABONNER", "ME DÉSABONNER", "SE DÉSABONNER", "DÉSABONNEZ-MOI", "DÉSABONNEMENT",
				"DÉSINSCRIRE", "ME DÉSINSCRIRE", "SE DÉSINSCRIRE", "DÉSINSCRIVEZ-MOI", "DÉSINSCRIPTION", "PLUS DE MESSAGES", "ARRÊTER LES MESSAGES",
				"NE PLUS RECEVOIR DE MESSAGES", "NE M'ÉCRIVEZ PLUS"},
			Offers: []string{"STOP PUB", "STOP PUBLICITÉ", "ARRÊTER LES PROMOTIONS", "PLUS DE PROMOTIONS", "PLUS DE PUBLICITÉ", "PLUS DE PUB",
				"PAS DE PUBLICITÉ", "PAS DE PUB"},
			Start: []string{"START", "M'ABONNER", "JE M'ABONNE", "ABONNEZ-MOI", "ME RÉABONNER"},
			Reply: Reply{
				Stop:   "Vous ne recevrez plus de messages de notre part, sauf en réponse aux vôtres. Pour en recevoir à nouveau, répondez {start}.",
				Offers: "Vous ne recevrez plus d'offres de notre part. Pour en recevoir à nouveau, répondez {start}.",
				Start:  "Vous recevrez nos messages et nos offres. Si vous n'en voulez plus, répondez {stop}.",
			},
		},
		"de": {
			Stop: []string{"STOP", "STOPP", "ABMELDEN", "ABMELDUNG", "MELDEN SIE MICH AB", "AUSTRAGEN", "BITTE AUSTRAGEN", "NACHRICHTEN ABBESTELLEN",
				"NACHRICHTEN STOPPEN", "KEINE NACHRICHTEN MEHR", "KEINE WEITEREN NACHRICHTEN", "ICH MÖCHTE KEINE NACHRICHTEN MEHR",
				"SCHREIBEN SIE MIR NICHT MEHR"},
			Offers: []string{"KEINE WERBUNG", "KEINE WERBUNG MEHR", "STOPP WERBUNG", "WERBUNG STOPPEN", "WERBUNG ABBESTELLEN", "WERBEAKTIONEN STOPPEN",
				"KEINE ANGEBOTE MEHR", "NEWSLETTER ABBESTELLEN", "NEWSLETTER ABMELDEN"},
			Start: []string{"START", "WIEDER ANMELDEN", "NACHRICHTEN ABONNIEREN", "ABONNIEREN"},
			Reply: Reply{
				Stop:   "Sie bekommen keine Nachrichten mehr von uns, außer Antworten auf Ihre eigenen. Um sie wieder zu bekommen, antworten Sie {start}.",
				Offers: "Sie bekommen keine Angebote mehr von uns. Um sie wieder zu bekommen, antworten Sie {start}.",
				Start:  "Sie bekommen unsere Nachrichten und Angebote. Wenn Sie sie nicht mehr möchten, antworten Sie {stop}.",
			},
		},
		"it": {
			Stop: []string{"STOP", "DISISCRIVIMI", "DISISCRIVERMI", "DISISCRIVETEMI", "DISISCRIZIONE", "CANCELLAMI", "CANCELLATEMI",
				"CANCELLA ISCRIZIONE", "ANNULLA ISCRIZIONE", "BASTA MESSAGGI", "STOP MESSAGGI", "NON SCRIVETEMI PIÙ", "NON VOGLIO PIÙ MESSAGGI",
				"NON INVIATEMI PIÙ MESSAGGI"},
			Offers: []string{"INTERROMPI PROMOZIONI", "BASTA PROMOZIONI", "STOP PROMOZIONI", "BASTA OFFERTE", "BASTA PUBBLICITÀ", "STOP PUBBLICITÀ",
				"NIENTE PUBBLICITÀ"},
			Start: []string{"START", "RIATTIVA MESSAGGI", "ISCRIVIMI AI MESSAGGI"},
			Reply: Reply{
				Stop:   "Non riceverà più messaggi da noi, tranne le risposte a ciò che scrive. Per riceverli di nuovo, risponda {start}.",
				Offers: "Non riceverà più offerte da noi. Per riceverle di nuovo, risponda {start}.",
				Start:  "Riceverà i nostri messaggi e le nostre offerte. Se non li vuole più, risponda {stop}.",
			},
		},
		"nl": {
			Stop: []string{"STOP", "AFMELDEN", "MELD MIJ AF", "UITSCHRIJVEN", "SCHRIJF MIJ UIT", "GEEN BERICHTEN MEER", "STOP BERICHTEN",
				"STUUR MIJ GEEN BERICHTEN MEER"},
			Offers: []string{"STOP PROMOTIES", "STOP AANBIEDINGEN", "STOP RECLAME", "GEEN RECLAME", "GEEN RECLAME MEER", "GEEN AANBIEDINGEN MEER"},
			Start:  []string{"START", "OPNIEUW AANMELDEN", "BERICHTEN HERVATTEN"},
			Reply: Reply{
				Stop:   "U krijgt geen berichten meer van ons, behalve antwoorden op uw eigen berichten. Antwoord {start} om ze weer te krijgen.",
				Offers: "U krijgt geen aanbiedingen meer van ons. Antwoord {start} om ze weer te krijgen.",
				Start:  "U krijgt onze berichten en aanbiedingen. Antwoord {stop} als u ze niet meer wilt.",
			},
		},
		"pl": {
			Stop: []string{"STOP", "WYPISZ", "WYPISZ MNIE", "WYPISUJĘ SIĘ", "ANULUJ SUBSKRYPCJĘ", "REZYGNUJĘ Z WIADOMOŚCI", "NIE CHCĘ WIADOMOŚCI",
				"NIE CHCĘ WIĘCEJ WIADOMOŚCI", "NIE PISZCIE DO MNIE", "NIE PISZCIE DO MNIE WIĘCEJ"},
			Offers: []string{"STOP PROMOCJE", "STOP PROMOCJOM", "STOP REKLAMY", "STOP REKLAMOM", "NIE CHCĘ REKLAM", "NIE CHCĘ OFERT", "BEZ REKLAM",
				"REZYGNUJĘ Z PROMOCJI"},
			Start: []string{"START", "SUBSKRYBUJ", "WZNÓW WIADOMOŚCI"},
			Reply: Reply{
				Stop:   "Nie otrzymasz już od nas wiadomości, oprócz odpowiedzi na Twoje. Aby znów je otrzymywać, odpisz {start}.",
				Offers: "Nie otrzymasz już od nas ofert. Aby znów je otrzymywać, odpisz {start}.",
				Start:  "Będziesz otrzymywać nasze wiadomości i oferty. Jeśli ich nie chcesz, odpisz {stop}.",
			},
		},
		"tr": {
			Stop: []string{"RET", "DURDUR", "LİSTEDEN ÇIK", "LİSTEDEN ÇIKAR", "BENİ LİSTEDEN ÇIKAR", "ABONELİKTEN ÇIK", "ABONELİĞİ İPTAL ET",
				"MESAJ İSTEMİYORUM", "MESAJ ATMAYIN", "MESAJ GÖNDERMEYİN", "BANA YAZMAYIN"},
			Offers: []string{"REKLAM İSTEMİYORUM", "REKLAMLARI DURDUR", "KAMPANYA İSTEMİYORUM", "KAMPANYALARI DURDUR", "PROMOSYONLARI DURDUR"},
			Start:  []string{"BAŞLAT", "ABONE OL", "YENİDEN ABONE OL"},
			Reply: Reply{
				Stop:   "Yazdıklarınıza verilen yanıtlar dışında bizden artık mesaj almayacaksınız. Yeniden almak için {start} yazın.",
				Offers: "Bizden artık kampanya mesajı almayacaksınız. Yeniden almak için {start} yazın.",
				Start:  "Mesajlarımızı ve kampanyalarımızı alacaksınız. Artık istemezseniz {stop} yazın.",
			},
		},
		"ar": {
			Stop: []string{"إيقاف", "توقف", "أوقف", "إلغاء الاشتراك", "إلغاء اشتراكي", "إيقاف الرسائل", "أوقفوا الرسائل", "لا أريد رسائل",
				"لا ترسلوا لي رسائل"},
			Offers: []string{"إيقاف العروض", "إيقاف العروض الترويجية", "إيقاف الإعلانات", "لا أريد عروض", "لا أريد إعلانات"},
			Start:  []string{"استئناف", "استئناف الرسائل", "الاشتراك في الرسائل"},
			Reply: Reply{
				Stop:   "لن تصلك رسائل منا بعد الآن، باستثناء الردود على ما تكتبه. لاستقبالها من جديد أرسل {start}.",
				Offers: "لن تصلك عروض منا بعد الآن. لاستقبالها من جديد أرسل {start}.",
				Start:  "ستصلك رسائلنا وعروضنا. إذا لم تعد ترغب فيها أرسل {stop}.",
			},
		},
		"hi": {
			Stop: []string{"STOP", "बंद करें", "बंद करो", "स्टॉप", "संदेश बंद करें", "मैसेज बंद करें", "मैसेज बंद करो", "मैसेज मत भेजें", "मैसेज मत भेजो", "अनसब्सक्राइब",
				"सदस्यता समाप्त करें", "सदस्यता रद्द करें", "MESSAGE BAND KARO", "MSG BAND KARO", "MESSAGE MAT BHEJO"},
			Offers: []string{"ऑफ़र बंद करें", "ऑफ़र बंद करो", "विज्ञापन बंद करें", "प्रचार बंद करें", "प्रमोशन बंद करें"},
			Start:  []string{"START", "शुरू करें", "स्टार्ट", "संदेश शुरू करें", "मैसेज शुरू करें", "सब्सक्राइब"},
			Reply: Reply{
				Stop:   "अब आपको हमारी ओर से संदेश नहीं मिलेंगे, केवल आपके संदेशों के जवाब मिलेंगे। फिर से पाने के लिए {start} लिखें।",
				Offers: "अब आपको हमारी ओर से ऑफ़र नहीं मिलेंगे। फिर से पाने के लिए {start} लिखें।",
				Start:  "आपको हमारे संदेश और ऑफ़र मिलेंगे। अगर आप इन्हें नहीं चाहते, तो {stop} लिखें।",
			},
		},
		"id": {
			Stop: []string{"BERHENTI", "UNREG", "HENTIKAN", "HENTIKAN PESAN", "BERHENTI BERLANGGANAN", "BATAL LANGGANAN", "BATALKAN LANGGANAN",
				"JANGAN KIRIM PESAN", "JANGAN KIRIM PESAN LAGI"},
			Offers: []string{"HENTIKAN PROMOSI", "HENTIKAN PROMO", "STOP PROMOSI", "STOP IKLAN", "JANGAN KIRIM PROMO", "TIDAK MAU PROMO"},
			Start:  []string{"MULAI BERLANGGANAN", "BERLANGGANAN LAGI", "LANGGANAN LAGI"},
			Reply: Reply{
				Stop:   "Anda tidak akan menerima pesan dari kami lagi, kecuali jawaban atas pesan Anda. Untuk menerimanya lagi, balas {start}.",
				Offers: "Anda tidak akan menerima promo dari kami lagi. Untuk menerimanya lagi, balas {start}.",
				Start:  "Anda akan menerima pesan dan promo dari kami. Jika tidak menginginkannya lagi, balas {stop}.",
			},
		},
		"ru": {
			Stop: []string{"СТОП", "ОТПИСАТЬСЯ", "ОТПИСКА", "ОТПИСАТЬ", "ОТПИШИТЕ МЕНЯ", "НЕ ПИШИТЕ МНЕ", "НЕ ПИШИТЕ МНЕ БОЛЬШЕ", "БОЛЬШЕ НЕ ПИШИТЕ",
				"НЕ ПРИСЫЛАЙТЕ СООБЩЕНИЯ", "НЕ ПРИСЫЛАЙТЕ МНЕ СООБЩЕНИЯ"},
			Offers: []string{"СТОП РЕКЛАМА", "БЕЗ РЕКЛАМЫ", "НЕ НАДО РЕКЛАМЫ", "НЕ ПРИСЫЛАЙТЕ РЕКЛАМУ", "ОТПИСАТЬСЯ ОТ РАССЫЛКИ",
				"ОТКАЗАТЬСЯ ОТ РАССЫЛКИ", "ОТКАЗ ОТ РАССЫЛКИ"},
			Start: []string{"СТАРТ", "ПОДПИСАТЬСЯ", "ВОЗОБНОВИТЬ"},
			Reply: Reply{
				Stop:   "Вы больше не будете получать от нас сообщения, кроме ответов на ваши. Чтобы получать их снова, ответьте {start}.",
				Offers: "Вы больше не будете получать от нас предложения. Чтобы получать их снова, ответьте {start}.",
				Start:  "Вы будете получать наши сообщения и предложения. Если они вам больше не нужны, ответьте {stop}.",
			},
		},
		"uk": {
			Stop: []string{"СТОП", "ВІДПИСАТИСЯ", "ВІДПИСАТИСЬ", "ВІДПИСКА", "ВІДПИШІТЬ МЕНЕ", "НЕ ПИШІТЬ МЕНІ", "НЕ ПИШІТЬ МЕНІ БІЛЬШЕ",
				"БІЛЬШЕ НЕ ПИШІТЬ", "НЕ НАДСИЛАЙТЕ ПОВІДОМЛЕННЯ", "НЕ НАДСИЛАЙТЕ МЕНІ ПОВІДОМЛЕННЯ"},
			Offers: []string{"СТОП РЕКЛАМА", "БЕЗ РЕКЛАМИ", "НЕ ТРЕБА РЕКЛАМИ", "НЕ НАДСИЛАЙТЕ РЕКЛАМУ", "ВІДПИСАТИСЯ ВІД РОЗСИЛКИ",
				"ВІДМОВИТИСЯ ВІД РОЗСИЛКИ"},
			Start: []string{"СТАРТ", "ПІДПИСАТИСЯ", "ПІДПИСАТИСЬ", "ВІДНОВИТИ"},
			Reply: Reply{
				Stop:   "Ви більше не отримуватимете від нас повідомлень, крім відповідей на ваші. Щоб отримувати їх знову, надішліть {start}.",
				Offers: "Ви більше не отримуватимете від нас пропозицій. Щоб отримувати їх знову, надішліть {start}.",
				Start:  "Ви отримуватимете наші повідомлення та пропозиції. Якщо вони вам більше не потрібні, надішліть {stop}.",
			},
		},
		"zh": {
			Stop: []string{"退订", "退訂", "取消订阅", "取消訂閱", "停止", "停止发送", "停止發送", "停止接收", "不再接收", "不要再发", "不要再發", "不要发消息", "不要發訊息",
				"拒收"},
			Offers: []string{"停止促销", "停止促銷", "停止推广", "停止推廣", "停止广告", "停止廣告", "不要广告", "不要廣告", "拒收广告", "拒收廣告"},
			Start:  []string{"订阅", "訂閱", "重新订阅", "重新訂閱", "恢复订阅", "恢復訂閱", "继续接收", "繼續接收"},
			Reply: Reply{
				Stop:   "除回复您的消息外，您将不再收到我们的消息。如需恢复，请回复“{start}”。",
				Offers: "您将不再收到我们的优惠信息。如需恢复，请回复“{start}”。",
				Start:  "您将收到我们的消息和优惠信息。如不想再接收，请回复“{stop}”。",
			},
		},
		"ja": {
			Stop:   []string{"配信停止", "配信停止希望", "配信解除", "配信不要", "停止", "ストップ", "登録解除", "購読解除", "メッセージ停止", "メッセージ不要"},
			Offers: []string{"プロモーション停止", "プロモーションを停止", "広告停止", "広告不要", "宣伝停止", "宣伝不要", "お知らせ不要"},
			Start:  []string{"配信再開", "配信開始", "配信希望", "スタート"},
			Reply: Reply{
				Stop:   "お客様へのご返信を除き、今後メッセージをお送りしません。再開をご希望の場合は「{start}」とご返信ください。",
				Offers: "今後、お得なお知らせをお送りしません。再開をご希望の場合は「{start}」とご返信ください。",
				Start:  "メッセージとお得なお知らせをお送りします。停止をご希望の場合は「{stop}」とご返信ください。",
			},
		},
	}
}
