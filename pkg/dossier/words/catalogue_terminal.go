package words

// terminalTexts are what build says at its end.
func terminalTexts() []row {
	return []row{
		{"reading", "lecture", "lesen", "lectura"},
		{"analysing", "analyse", "auswerten", "análisis"},
		{"writing", "écriture", "schreiben", "escritura"},
		{"no warning found", "aucune mise en garde trouvée", "keine Warnung gefunden", "ninguna advertencia hallada"},
		{"Who knew: %s", "Qui savait : %s", "Wer es wusste: %s", "Quién lo sabía: %s"},
		{"%s since %s", "%s depuis %s", "%s seit %s", "%s desde %s"},
		{"(%d more)", "(%d de plus)", "(%d weitere)", "(%d más)"},
		{"Missing: %s", "Manque : %s", "Es fehlt: %s", "Falta: %s"},
		{"Not checked: %s", "Non vérifié : %s", "Nicht geprüft: %s", "Sin comprobar: %s"},
		{"Messages: %d found = %d kept + %d duplicate + %d excluded + %d failed", "Messages : %d trouvés = %d conservés + %d doublons + %d exclus + %d en échec", "Nachrichten: %d gefunden = %d behalten + %d doppelt + %d ausgeschlossen + %d gescheitert", "Mensajes: %d hallados = %d conservados + %d duplicados + %d excluidos + %d fallidos"},
		{"Written: %s; evidence digest: %s", "Écrit : %s ; empreinte des pièces : %s", "Geschrieben: %s; Prüfsumme der Anlagen: %s", "Escrito: %s; resumen de los documentos: %s"},
		{"%s message that others cite", "%s message que d’autres citent", "%s von anderen angeführte Nachricht", "%s mensaje que otros citan"},
		{"%s messages that others cite", "%s messages que d’autres citent", "%s von anderen angeführte Nachrichten", "%s mensajes que otros citan"},
		{"the clock of this machine (no trusted time-stamp)", "l’horloge de cette machine (sans horodatage de confiance)", "die Uhr dieses Rechners (kein vertrauenswürdiger Zeitstempel)", "el reloj de este equipo (sin sello de tiempo)"},
		{"%d of %d DKIM signatures", "%d signatures DKIM sur %d", "%d von %d DKIM-Signaturen", "%d de %d firmas DKIM"},
		{"who sent the mail: no message carries a DKIM signature", "qui a envoyé les courriels : aucun message ne porte de signature DKIM", "wer die Mail gesandt hat: Keine Nachricht trägt eine DKIM-Signatur", "quién envió el correo: ningún mensaje lleva firma DKIM"},
		{"%s message has defects", "%s message présente des défauts", "%s Nachricht hat Formfehler", "%s mensaje tiene defectos"},
		{"%s messages have defects", "%s messages présentent des défauts", "%s Nachrichten haben Formfehler", "%s mensajes tienen defectos"},
	}
}
