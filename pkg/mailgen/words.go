package mailgen

// language is the material of the bulk mail in one language: sentences in which '#' stands for a number of one to four digits.
type language struct {
	greeting, closing []string
	subject           []string
	sentence          []string
	warning           []string
	wrote             string // attribution line; %1 is the date, %2 the name
}

func english() language {
	return language{
		greeting: []string{"Hi all,", "Dear colleagues,", "Good morning,", "Hello,", "Hi,"},
		closing:  []string{"Best regards", "Thanks", "Kind regards", "Cheers"},
		subject: []string{"Minutes of the planning round #", "Pump room, ticket #", "Invoice #", "Release #", "Timetable for week #", "Spare parts, order #",
			"Question on the test bench #", "Lift #, yearly inspection", "Draft of the offer #", "Meeting room # is double-booked", "Patch # for the scheduler"},
		sentence: []string{
			"The draft is on the shared drive, version # has the comments of last week in it.",
			"I have moved the review to Thursday because two of us are at the other site.",
			"From now on the weekly list goes out on Mondays, so please send changes by noon.",
			"Could you have a look at row # of the sheet and tell me whether the figure is gross or net?",
			"The delivery of # units arrived this morning, three boxes short.",
			"We agreed on # hours for the migration and # for the tests.",
			"I tried it on my machine and on the build server, and both give the same result.",
			"Room # is free from ten, I have booked it.",
			"Attached is the sketch that I mentioned on the phone.",
			"The supplier confirms the price until the end of the month.",
			"Patch # applies cleanly on top of the current tree; the second one needs a rebase.",
			"If nobody objects I will close ticket # on Friday.",
			"The customer would like to see both options side by side, with the cost of each.",
			"Thank you for the quick answer, that was exactly what I needed.",
			"Our contact there is on holiday until the 15th, so I wrote to her deputy.",
			"The numbers in the summary do not add up: # and # give another total than the one printed.",
			"I rewrote the second paragraph, the rest is as it was.",
			"The old controller reports # cycles, the new one # in the same time.",
			"Could somebody bring the key of the archive along tomorrow?",
			"As discussed, the training takes place in two groups of # people.",
			"The build takes # seconds with the cache and # without it.",
			"I am fine with either way, as long as we decide this week.",
			"The function returns early when the list is empty, which is what the caller expects.",
			"Please find the minutes below and tell me if I forgot something.",
			"The printer on the second floor is repaired, it was the roller again.",
			"We have # applications for the position and will talk to the first # of them.",
			"There is a typo in section #: it must be \"at most\", not \"at least\".",
			"The courier collects at four, everything after that goes out tomorrow.",
			"I have put the measurements of test run # into the usual folder.",
			"Our accountant asks for the receipt of the # euros from March.",
		},
		warning: []string{
			"If we skip the pressure test, pipe # will not survive the first frost, and the cellar below it is full of archives.",
			"I would not sign that off: nobody has looked at the brakes of lift # since the motor was changed.",
			"Without the second backup we lose everything since the last full copy as soon as disk # fails.",
			"Whoever finds that address can read all # files, no password is asked for.",
			"Running the oven above # degrees with the old seal is dangerous, please don't.",
			"This leaves the door of the switch room unlocked all weekend, and children play in that yard.",
		},
		wrote: "On %1, %2 wrote:",
	}
}

func german() language {
	return language{
		greeting: []string{"Hallo zusammen,", "Guten Morgen,", "Sehr geehrte Damen und Herren,", "Liebe Kolleginnen und Kollegen,"},
		closing:  []string{"Viele Grüße", "Mit freundlichen Grüßen", "Beste Grüße"},
		subject:  []string{"Protokoll vom Jour fixe #", "Lieferung #", "Prüfung der Anlage #", "Rückfrage zu Angebot #", "Übergabe Schicht #", "Schlüssel für Raum #"},
		sentence: []string{
			"Der Entwurf liegt auf dem Laufwerk, Fassung # enthält die Änderungen der letzten Woche.",
			"Die Besprechung verschiebt sich auf Donnerstag, weil zwei von uns am anderen Standort sind.",
			"Können Sie bitte Zeile # der Tabelle prüfen und mir sagen, ob der Betrag brutto oder netto ist?",
			"Die Lieferung mit # Stück ist heute früh angekommen, drei Kartons fehlen.",
			"Für die Umstellung haben wir # Stunden vereinbart, für die Prüfung #.",
			"Raum # ist ab zehn Uhr frei, ich habe ihn gebucht.",
			"Anbei die Skizze, die ich am Telefon erwähnt hatte.",
			"Der Lieferant bestätigt den Preis bis Monatsende.",
			"Vielen Dank für die schnelle Antwort, genau das habe ich gebraucht.",
			"Die Summen in der Übersicht passen nicht: # und # ergeben einen anderen Betrag als gedruckt.",
			"Der alte Regler meldet # Zyklen, der neue # in derselben Zeit.",
			"Wer hat den Schlüssel für das Archiv und könnte ihn morgen mitbringen?",
			"Die Schulung findet in zwei Gruppen zu je # Personen statt.",
			"Der Drucker im zweiten Stock läuft wieder, es war erneut die Walze.",
			"Unsere Buchhaltung braucht noch den Beleg über # Euro vom März.",
			"Die Messwerte von Lauf # liegen im gewohnten Ordner.",
		},
		warning: []string{
			"Ohne die Druckprüfung übersteht Leitung # den ersten Frost nicht, und darunter liegt das Archiv.",
			"Das unterschreibe ich nicht, seit dem Motortausch hat niemand die Bremse von Aufzug # angesehen.",
			"Wer die Adresse kennt, kann alle # Akten lesen, ein Passwort wird nicht verlangt.",
			"Über # Grad fliegt uns die alte Dichtung um die Ohren.",
		},
		wrote: "Am %1 schrieb %2:",
	}
}

func french() language {
	return language{
		greeting: []string{"Bonjour à tous,", "Bonjour,", "Chers collègues,"},
		closing:  []string{"Cordialement", "Bien à vous", "Bonne journée"},
		subject:  []string{"Compte rendu de la réunion #", "Livraison #", "Contrôle de l'installation #", "Précision sur le devis #", "Clé de la salle #"},
		sentence: []string{
			"Le projet est sur le disque partagé, la version # reprend les remarques de la semaine dernière.",
			"La réunion est reportée à jeudi, car deux d'entre nous sont sur l'autre site.",
			"Pourriez-vous vérifier la ligne # du tableau et me dire si le montant est hors taxes ?",
			"La livraison de # pièces est arrivée ce matin, il manque trois cartons.",
			"Nous avons prévu # heures pour la migration et # pour les essais.",
			"La salle # est libre à partir de dix heures, je l'ai réservée.",
			"Vous trouverez ci-joint le croquis évoqué au téléphone.",
			"Le fournisseur confirme le prix jusqu'à la fin du mois.",
			"Merci de votre réponse rapide, c'est exactement ce qu'il me fallait.",
			"L'ancien régulateur indique # cycles, le nouveau # dans le même temps.",
			"La formation aura lieu en deux groupes de # personnes.",
			"L'imprimante du deuxième étage est réparée, c'était encore le rouleau.",
			"La comptabilité attend toujours le reçu de # euros du mois de mars.",
		},
		warning: []string{
			"Sans l'essai de pression, la conduite # ne passera pas le premier gel, et les archives sont juste en dessous.",
			"Je ne signerai pas cela : personne n'a regardé le frein de l'ascenseur # depuis l'échange du moteur.",
			"Toute personne qui connaît l'adresse peut lire les # dossiers, aucun mot de passe n'est demandé.",
		},
		wrote: "Le %1, %2 a écrit :",
	}
}

func spanish() language {
	return language{
		greeting: []string{"Buenos días:", "Hola a todos:", "Estimados compañeros:"},
		closing:  []string{"Un saludo", "Saludos cordiales", "Gracias"},
		subject:  []string{"Acta de la reunión #", "Entrega #", "Revisión de la instalación #", "Duda sobre la oferta #"},
		sentence: []string{
			"El borrador está en la carpeta común; la versión # recoge los comentarios de la semana pasada.",
			"La reunión pasa al jueves porque dos de nosotros estamos en la otra sede.",
			"¿Podéis revisar la fila # de la tabla y decirme si el importe lleva IVA?",
			"La entrega de # unidades llegó esta mañana y faltan tres cajas.",
			"La sala # está libre desde las diez; la he reservado.",
			"Adjunto el esquema que mencioné por teléfono.",
			"El proveedor mantiene el precio hasta fin de mes.",
			"Gracias por la rápida respuesta, era justo lo que necesitaba.",
			"La formación será en dos grupos de # personas.",
			"Contabilidad todavía espera el recibo de # euros de marzo.",
		},
		warning: []string{
			"Sin la prueba de presión, la tubería # no aguantará la primera helada y debajo está el archivo.",
			"Yo eso no lo firmo: nadie ha mirado el freno del ascensor # desde que se cambió el motor.",
		},
		wrote: "El %1, %2 escribió:",
	}
}

// office is a firm of the bulk mail: how its mail goes out.
type office struct {
	domain, name, software, selector string
	address                          string // of its outgoing server
	zone                             int    // minutes east of UTC
	tongue                           int    // index of languages
}

func offices() []office {
	return []office{
		{"northquay.example", "Northquay Engineering", "postfix", "mail", "192.0.2.17", 0, 0},
		{"brandt-pumpen.example", "Brandt Pumpen", "microsoft", "selector1", "203.0.113.40", 60, 1},
		{"ateliers-morvan.example", "Ateliers Morvan", "exim", "dkim2024", "198.51.100.12", 60, 2},
		{"solvega.example", "Solvega", "postfix", "s2", "198.51.100.77", 60, 3},
		{"pinefield.example", "Pinefield County", "google", "google", "203.0.113.141", -300, 0},
		{"osterby.example", "Osterby Freight", "microsoft", "selector2", "203.0.113.44", 60, 0},
		{"lowland-it.example", "Lowland IT", "sendmail", "k1", "192.0.2.99", 120, 0},
		{"werk-sieben.example", "Werk Sieben", "exim", "w7", "198.51.100.5", 60, 1},
		{"tanaka-optics.example", "Tanaka Optics", "qmail", "x", "192.0.2.201", 540, 0},
	}
}

func names() (first, last []string) {
	return []string{"Anna", "Ben", "Chloé", "Daniel", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jörg", "Kate", "Luis", "Mei", "Noah", "Olga", "Pierre", "Ruth", "Søren", "Tara", "Uwe", "Vera", "Yuki"},
		[]string{"Abbott", "Bauer", "Colin", "Duarte", "Eklund", "Fischer", "Garnier", "Hayes", "Ibarra", "Jensen", "Köhler", "Lefèvre", "Müller", "Novak", "O'Neill", "Peña", "Quast", "Roux", "Sato", "Turner", "Vogel", "Whitlock"}
}
