package certificate

// The papers. What stands in braces is filled in from the dossier; underscores are for the person who signs.

var american = language{
	source: "  %d. %s\n     %d bytes, %s\n     messages: %d found = %d kept + %d duplicate + %d excluded + %d failed\n",
	more:   "  and %d more, which dossier.json lists under \"sources\"\n", none: "not read",
	copied: map[bool]string{true: "Each export was copied byte for byte into data/sources/ while its SHA-256 was computed;\n   the dossier holds the copies.",
		false: "The exports were not copied into the dossier; their paths, sizes and SHA-256 digests are recorded,\n   and each message was copied byte for byte."},
	paper: `
DRAFT - NOT SIGNED - TO BE REVIEWED, COMPLETED AND SIGNED BY A QUALIFIED PERSON
This draft was written by a program. It is not legal advice and takes no position on admissibility.

CERTIFICATION OF ELECTRONIC RECORDS
under Federal Rules of Evidence 902(13) and 902(14), with a declaration under 28 U.S.C. § 1746

Matter: {MATTER}

1. I, ______________________________, am ______________________________ (position, employer).
   My training and experience that qualify me to make this certification:
   ____________________________________________________________________________
   ____________________________________________________________________________

What was collected
2. The e-mail exports named below were obtained from ______________________________ (person, account,
   system) by ______________________________ on ____________________ at ____________________,
   using the account ______________________________.
{SOURCES}
   {COPIED}

The process and its result (Rule 902(13))
3. On {MADE} ({CLOCK}) the program {TOOL} read these exports and wrote
   the dossier that accompanies this certification. It was operated by {PREPARED}.
   The program reads each message as it lies in the export, keeps its exact bytes, computes digests of
   them, and lists what the message says of itself. It found {FOUND} messages: {KEPT} kept,
   {DUPLICATE} identical to a kept one, {EXCLUDED} left out by the selection, {FAILED} that could not be read.
   The dossier has {COUNT} exhibits, of which {DEFECTS} are malformed in ways that the dossier names.
4. Run again on the same exports with the same options and clock, the program gives the same bytes;
   "onrecord verify" derives every recorded fact again from the kept bytes and compares. The process
   thereby gives an accurate result. I have satisfied myself of this by:
   ____________________________________________________________________________

Digital identification (Rule 902(14))
5. Digests were computed with SHA-256 and SHA-512 (FIPS 180-4). Two files with the same SHA-256 digest
   are identical but for a chance too small to matter. The digest over all exhibits is
   {EVIDENCE}
   Every file's digest stands in manifest-sha256.txt and manifest-sha512.txt.
6. On ____________________ I computed the digests of the originals and of the copies
   ("onrecord verify", or "sha256sum -c manifest-sha256.txt") and compared them. They were identical
   [ ] without exception   [ ] except: ________________________________________________
7. {CHECKED} of {SIGNATURES} DKIM signatures in the messages were checked against a key. Such a signature shows that the
   mail service of a domain signed certain header fields and the body; it does not show who wrote them.

Custody
8. Since their collection the exports and the dossier have been kept at ______________________________,
   accessible to ______________________________. custody.jsonl in the dossier records what the program
   did with it. Changes or errors since: ____________________________________________

9. I make this certification so that the records may be authenticated without my attendance; I know of
   no other fact that would put their authenticity in doubt, except: ______________________________

I declare under penalty of perjury under the laws of the United States of America that the foregoing is
true and correct.

Executed on ____________________ at ____________________

______________________________
(signature)

Notice: Rules 902(11), (13) and (14) ask that the other side get reasonable written notice of the intent to
offer the record, and the record and this certification for inspection, before the trial or hearing.

DRAFT - NOT SIGNED
`,
}

var german = language{
	source: "  %d. %s\n     %d Bytes, %s\n     Nachrichten: %d gefunden = %d behalten + %d doppelt + %d ausgeschlossen + %d nicht lesbar\n",
	more:   "  und %d weitere, siehe dossier.json unter \"sources\"\n", none: "nicht gelesen",
	copied: map[bool]string{true: "Jeder Export wurde Byte für Byte nach data/sources/ kopiert, wobei\n   sein SHA-256 berechnet wurde; die Kopien liegen im Dossier.",
		false: "Die Exporte wurden nicht in das Dossier kopiert; Pfad, Größe und SHA-256 sind\n   festgehalten, jede Nachricht wurde Byte für Byte kopiert."},
	paper: `
ENTWURF - NICHT UNTERSCHRIEBEN - VON EINER SACHKUNDIGEN PERSON ZU PRÜFEN UND ZU ERGÄNZEN
Dieser Entwurf wurde von einem Programm geschrieben. Er ist keine Rechtsberatung und würdigt keine Beweise.

DARSTELLUNG DES VERFAHRENS
Sicherung und Aufbereitung von E-Mails

Angelegenheit: {MATTER}

1. Person: ______________________________ (Name, Funktion, Arbeitgeber)
   Sachkunde: ____________________________________________________________________

2. Herkunft. Die folgenden Exporte wurden am ____________________ von ______________________________
   aus ______________________________ (System, Konto, Inhaber) entnommen:
{SOURCES}
   {COPIED}

3. Verfahren. Am {MADE} ({CLOCK}) hat das Programm {TOOL}
   diese Exporte nur lesend verarbeitet und das beiliegende Dossier geschrieben;
   bedient von {PREPARED}.
   Jede Nachricht liegt mit ihren genauen Bytes im Dossier. Gefunden wurden {FOUND} Nachrichten:
   {KEPT} behalten, {DUPLICATE} gleich einer behaltenen, {EXCLUDED} durch die Auswahl ausgeschlossen, {FAILED} nicht lesbar.
   Das Dossier hat {COUNT} Anlagen; {DEFECTS} davon weisen Formfehler auf, die benannt sind.

4. Unverändertheit. Für jede Datei sind SHA-256 und SHA-512 (FIPS 180-4) in manifest-sha256.txt und
   manifest-sha512.txt festgehalten. Gesamtprüfsumme aller Anlagen:
   {EVIDENCE}
   Am ____________________ habe ich die Prüfsummen neu berechnet und verglichen ("onrecord verify" oder
   "sha256sum -c manifest-sha256.txt"). Sie stimmen überein [ ] ausnahmslos [ ] mit Ausnahme von: ____________

5. Nachvollziehbarkeit. Dieselben Exporte ergeben mit denselben Angaben dieselben Bytes. "onrecord verify"
   leitet jede festgehaltene Tatsache erneut aus den Bytes ab und vergleicht sie.

6. Grenzen. Prüfsummen zeigen, dass nichts verändert wurde, seit sie berechnet wurden, nicht davor.
   {CHECKED} von {SIGNATURES} DKIM-Signaturen wurden gegen einen Schlüssel geprüft: eine solche Signatur zeigt, dass der
   Maildienst einer Domain Kopfzeilen und Text signiert hat, nicht, wer sie geschrieben hat. Eine
   Angabe im Feld Date ist die Uhr des Absenders. Aussagen (Warnungen usw.) sind Vorschläge des
   Programms, solange sie nicht von einer Person bestätigt sind.

7. Verwahrung seit der Entnahme: ______________________________________________________
   custody.jsonl im Dossier hält fest, was das Programm damit getan hat. Änderungen: ____________________

Ort, Datum: ____________________        ______________________________ (Unterschrift)

ENTWURF - NICHT UNTERSCHRIEBEN
`,
}

var french = language{
	source: "  %d. %s\n     %d octets, %s\n     messages : %d trouvés = %d conservés + %d en double + %d exclus + %d illisibles\n",
	more:   "  et %d autres, que dossier.json énumère sous « sources »\n", none: "non lu",
	copied: map[bool]string{true: "Chaque export a été copié octet par octet dans data/sources/ pendant le calcul\n   de son SHA-256 ; le dossier contient les copies.",
		false: "Les exports n'ont pas été copiés dans le dossier ; leur chemin, leur taille et leur SHA-256 sont\n   consignés, et chaque message a été copié octet par octet."},
	paper: `
PROJET - NON SIGNÉ - À VÉRIFIER ET À COMPLÉTER PAR UNE PERSONNE COMPÉTENTE
Ce projet a été écrit par un programme. Il ne constitue pas un avis juridique et n'apprécie aucune preuve.

EXPOSÉ DE LA MÉTHODE
Conservation et présentation de courriers électroniques

Affaire : {MATTER}

1. Personne : ______________________________ (nom, fonction, employeur)
   Compétence : __________________________________________________________________

2. Origine. Les exports suivants ont été obtenus le ____________________ par ______________________________
   depuis ______________________________ (système, compte, titulaire) :
{SOURCES}
   {COPIED}

3. Procédé. Le {MADE} ({CLOCK}), le programme {TOOL} a lu ces
   exports sans les modifier et a écrit le dossier ci-joint ;
   il était utilisé par {PREPARED}.
   Chaque message figure au dossier avec ses octets exacts. {FOUND} messages ont été trouvés :
   {KEPT} conservés, {DUPLICATE} identiques à un message conservé, {EXCLUDED} exclus par la sélection, {FAILED} illisibles.
   Le dossier compte {COUNT} pièces ; {DEFECTS} présentent des défauts de forme, qui sont indiqués.

4. Intégrité. Pour chaque fichier, SHA-256 et SHA-512 (FIPS 180-4) sont consignés dans manifest-sha256.txt
   et manifest-sha512.txt. Empreinte de l'ensemble des pièces :
   {EVIDENCE}
   Le ____________________ j'ai recalculé et comparé les empreintes (« onrecord verify » ou
   « sha256sum -c manifest-sha256.txt »). Elles concordent [ ] sans exception [ ] sauf : ____________________

5. Reproductibilité. Les mêmes exports donnent, avec les mêmes options, les mêmes octets. « onrecord verify »
   déduit de nouveau des octets chaque fait consigné et le compare.

6. Limites. Une empreinte montre que rien n'a changé depuis son calcul, non avant. {CHECKED} des
   {SIGNATURES} signatures DKIM ont été vérifiées avec une clé : une telle signature montre que le service de
   messagerie d'un domaine a signé des en-têtes et un texte, non qui les a écrits. Le champ Date est
   l'horloge de l'expéditeur. Les énoncés (avertissements, etc.) sont des suggestions du programme tant
   qu'une personne ne les a pas confirmés.

7. Garde depuis l'obtention : ________________________________________________________
   custody.jsonl, dans le dossier, consigne ce que le programme en a fait. Modifications : ______________

Fait à ____________________, le ____________________        ______________________________ (signature)

PROJET - NON SIGNÉ
`,
}
